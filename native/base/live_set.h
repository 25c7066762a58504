// The samples that are still alive, by address, so that a free finds the allocation it ends. 32 bytes a slot. Their
// addresses are awaited for as long: who frees others need not ask here, for which it would need the session's lock.
#pragma once

#include <cstdint>
#include <optional>

#include "address_map.h"
#include "awaited_addresses.h"

namespace heapproof {

struct LiveSample {
  uint64_t size;
  uint64_t time;
  uint32_t trace;
  uint32_t era = 0;  // of the live view (live_view.h) when it was allocated
};

class LiveSet {
 public:
  LiveSet() = default;
  ~LiveSet() {
    samples_.ForEach([](const void* address) { awaited_addresses.Remove(address); });
    awaited_addresses.Tidy();
  }
  LiveSet(const LiveSet&) = delete;
  LiveSet& operator=(const LiveSet&) = delete;

  // Takes the place of what is there under the same address, whose end was not seen.
  void Insert(const void* address, const LiveSample& sample) {
    const bool is_awaited = samples_.Contains(address);
    samples_.Insert(address, sample);
    if (!is_awaited) awaited_addresses.Add(address);
  }

  std::optional<LiveSample> Remove(const void* address) {
    auto found = samples_.Remove(address);
    if (found) awaited_addresses.Remove(address);
    return found;
  }

  // As those of AddressMap.
  const LiveSample* Find(const void* address) { return samples_.Find(address); }
  template <typename Fits>
  const LiveSample* FindIf(Fits fits) {
    return samples_.FindIf(fits);
  }
  bool Contains(const void* address) const { return samples_.Contains(address); }
  size_t size() const { return samples_.size(); }
  size_t OwnMemory() const { return samples_.OwnMemory(); }

 private:
  AddressMap<LiveSample> samples_;
};

}  // namespace heapproof
