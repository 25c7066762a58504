// The addresses whose end somebody waits for: of what was sampled, and of buffers of our own. Nearly everything that is
// freed is not one of them, and must cost no lock and no clock. So asking takes no lock (address_filter.h); changing does.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

#include "address_filter.h"

namespace heapproof {

class AwaitedAddresses {
 public:
  // Nearly always false for what is not awaited. True for what is, on every thread that was handed it after Add.
  bool MayHold(const void* address) const {
    return filter_.MayHold(address) || __builtin_expect(unfiltered_.load(std::memory_order_relaxed), 0);
  }

  void Add(const void* address) {
    const std::lock_guard lock(mutex_);
    // Without room for the filter every address may be one, from then on.
    if (!filter_.Open()) unfiltered_.store(true, std::memory_order_relaxed);
    if (unfiltered_.load(std::memory_order_relaxed)) return;
    filter_.Add(address);
    count_++;
  }

  // Exactly once for each Add: an address shares its counter with others.
  void Remove(const void* address) {
    const std::lock_guard lock(mutex_);
    if (unfiltered_.load(std::memory_order_relaxed)) return;
    filter_.Remove(address);
    count_--;
  }

  // Gives the memory back where nobody waits any more, and nobody says to do so again at once.
  void Tidy() {
    const std::lock_guard lock(mutex_);
    if (count_ == 0 && keepers_ == 0) filter_.Clear();
  }

  // Between `true` and as many `false` the memory, 2 MiB at most, is not given back. For many recordings in a row: each
  // would touch its pages anew, and giving them back stops all threads of the process for a moment.
  void Keep(bool on) {
    {
      const std::lock_guard lock(mutex_);
      keepers_ += on ? 1 : -1;
    }
    if (!on) Tidy();
  }

 private:
  AddressFilter filter_;
  std::atomic<bool> unfiltered_{false};
  std::mutex mutex_;
  size_t count_ = 0;
  int keepers_ = 0;
};

// Of all isolates together.
extern AwaitedAddresses& awaited_addresses;

}  // namespace heapproof
