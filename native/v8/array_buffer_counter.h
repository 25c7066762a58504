// Counts every ArrayBuffer backing store of an isolate, and lets a recording sample them, by standing in front of the
// isolate's ArrayBuffer allocator: the object keeps its identity and its data, only its virtual function table is
// exchanged for a copy whose allocating and freeing entries are ours.
//
//     allocator object:  [vtable*]───► copy:  [counter*][offset to top][type info][~][~][Allocate'][Uninitialized'][Free']...
//                                                                                  └ entries we do not replace are the original's
//
// Allocate and Free may come from any thread (collections free buffers in the background).
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <v8.h>

#include "../base/event_log.h"

namespace heapproof {

// Who wants to see single buffers. Called on the isolate's own thread only.
class ArrayBufferListener {
 public:
  virtual void OnBufferAllocated(void* data, size_t size) = 0;
  virtual void OnBufferFreed(void* data, uint64_t nanoseconds) = 0;

 protected:
  ~ArrayBufferListener() = default;
};

class ArrayBufferCounter {
 public:
  explicit ArrayBufferCounter(v8::Isolate* isolate);

  // Puts the original table back and disposes of the counter. A collector thread may be inside one of our entries at
  // that moment, so the memory itself is kept until some more counters have been retired.
  static void Retire(std::unique_ptr<ArrayBufferCounter> counter);

  ~ArrayBufferCounter() = default;
  ArrayBufferCounter(const ArrayBufferCounter&) = delete;
  ArrayBufferCounter& operator=(const ArrayBufferCounter&) = delete;

  void FillTotals(Totals& totals) const;

  void set_listener(ArrayBufferListener* listener);
  // Hands over the frees that other threads did since the last call, in order.
  void DeliverQueuedFrees();

 private:
  using Allocator = v8::ArrayBuffer::Allocator;

  static void* Allocate(Allocator* self, size_t length);
  static void* AllocateUninitialized(Allocator* self, size_t length);
  static void Free(Allocator* self, void* data, size_t length);
  static void* Reallocate(Allocator* self, void* data, size_t old_length, size_t new_length);

  // The counter in front of `self`, or nullptr when the table has just been put back.
  static ArrayBufferCounter* Of(Allocator* self);
  static void* CountedAllocate(Allocator* self, size_t entry, size_t length);
  void Restore();

  void CountAllocation(void* data, size_t size);
  void BeforeFree(void* data, size_t size);

  Allocator* const allocator_;
  void** const original_;              // the original table's first entry
  std::unique_ptr<void*[]> table_;
  const std::thread::id thread_;

  std::atomic<uint64_t> bytes_{0}, calls_{0}, freed_bytes_{0}, frees_{0};

  std::atomic<ArrayBufferListener*> listener_{nullptr};
  std::mutex queue_mutex_;
  std::vector<std::pair<void*, uint64_t>> queued_frees_;
  std::atomic<bool> has_queued_{false};
};

}  // namespace heapproof
