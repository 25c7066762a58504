// The sampled side of the native domain: which session wants which block, which blocks live, what waits to be delivered.
// What it is for is in native_heap.h; this is what the hooks call.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "address_filter.h"
#include "address_map.h"
#include "native_heap.h"
#include "native_threads.h"

namespace heapproof {

struct NativeEvent {
  const void* block;
  uint64_t serial;
  NativeSample sample;
  uint64_t freed;  // nanoseconds; 0: it was allocated
};

struct NativeSession {
  NativeListener* listener;  // nullptr: only sizes are wanted
  SamplingRule rule;
  uint64_t seed;
  bool registered;           // the thread was made the isolate's by us
  uint64_t first_serial;     // of its blocks; a session may lie where one that has ended lay

  NativeSizes own_sizes;     // on the thread of the isolate only
  // On the thread that delivers.
  struct Told {
    const void* block;
    NativeSample sample;
  };
  std::unordered_map<uint64_t, Told> told;  // by serial: what the listener has made of it, while the live block lacks that

  // The rest under the lock of NativeSamples.
  NativeSizes other_sizes;
  std::vector<NativeEvent> queue;
  size_t queued_allocations = 0;
  bool said_long = false;
  uint64_t lost = 0;
  size_t live = 0;
};

struct LiveNative {
  NativeSession* session;
  uint64_t serial;
  NativeSample sample;
};

class NativeSamples {
 public:
  // Changes whenever threads of no isolate have to ask anew how they are sampled.
  static uint32_t epoch() { return epoch_.load(std::memory_order_relaxed); }
  static bool MayBeSampled(const void* block) { return filter_.MayHold(block); }

  // From the hooks, with the thread quiet or not; nothing here throws.
  void LearnRule(NativeThread& thread) noexcept;
  void OnChosen(NativeThread& thread, const void* block, uint64_t size, const void* caller) noexcept;
  void OnFreed(const void* block) noexcept;
  // A block whose fate is not certain yet, as before realloc: taken out, then either reported or put back.
  std::optional<LiveNative> Take(const void* block) noexcept;
  void Report(const void* block, const LiveNative& gone) noexcept;
  void PutBack(const void* block, const LiveNative& entry) noexcept;

  // Must have succeeded once before the hooks are installed.
  bool OpenFilter();

  std::string Begin(NativeListener* listener, const SamplingRule& rule, uint64_t seed);
  bool End(NativeListener* listener);  // false: no such session of this thread
  void Deliver(NativeListener* listener);
  uint64_t Lost(NativeListener* listener);
  size_t OwnMemory(NativeListener* listener);
  void ReadSizes(NativeSizes& into);

 private:
  NativeSession* Of(const NativeListener* listener) const;
  bool IsThere(const NativeSession* session, uint64_t serial) const;
  void Insert(const void* block, const LiveNative& entry);
  bool Queue(const void* block, const LiveNative& entry, uint64_t freed);
  void Say(NativeSession* session);

  // Static, so that the hooks find them without another load.
  static std::atomic<uint32_t> epoch_;  // never 0, which is that of a thread that has not asked
  static AddressFilter filter_;

  // Taken before mutex_ when somebody is to be woken up, who then does not vanish. Nothing else is called with mutex_
  // held but the allocator: a thread may free while it holds any lock at all.
  std::mutex wake_mutex_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<NativeSession>> sessions_;  // oldest first
  AddressMap<LiveNative> live_;
  uint64_t next_serial_ = 1;
  uint32_t next_thread_ = 1;
};

extern NativeSamples& native_samples;

}  // namespace heapproof
