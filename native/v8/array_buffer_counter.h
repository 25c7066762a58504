// Counts every ArrayBuffer backing store of an isolate, and lets a recording sample them, by standing in front of the
// isolate's ArrayBuffer allocator: the object keeps its identity and its data, only its virtual function table is
// exchanged for a copy whose allocating and freeing entries are ours.
//
//     allocator object:  [vtable*]───► copy:  [offset to top][type info][~][~][Allocate'][Uninitialized'][Free']...
//                                                                                  └ entries we do not replace are the original's
//
// Others may do the same to the same object: another copy of this library, a second isolate with the same allocator.
//
//     object ──► their table ──► ours ──► the original        each calls the table that it found when it came
//
// So the table on top is not always ours, and says nothing about whom we have to call: that is found by the object.
// Allocate and Free may come from any thread (collections free buffers in the background), and nothing in them may throw.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include <v8.h>

#include "../base/event_log.h"

namespace heapproof {

// Who wants to see single buffers. Called on the isolate's own thread only.
class ArrayBufferListener {
 public:
  virtual void OnBufferAllocated(void* data, size_t size) noexcept = 0;
  // Of those that were put into awaited_addresses since they were allocated, and of a few others.
  virtual void OnBufferFreed(void* data, uint64_t nanoseconds) noexcept = 0;
  // There was no memory left to note frees in: some of other threads are never told.
  virtual void OnBufferFreesLost() noexcept = 0;

 protected:
  ~ArrayBufferListener() = default;
};

class ArrayBufferCounter {
 public:
  // The counter in front of the isolate's allocator. nullptr when there are too many, thousands, of them. To be given
  // back with Retire().
  static ArrayBufferCounter* InFrontOf(v8::Isolate* isolate);

  // Puts the original table back and disposes of the counter, unless somebody stands in front of it: their table leads
  // to ours, so it stays for ever then. A collector thread may be inside one of our entries at that moment, so in any
  // case the memory is kept until some more counters have been retired.
  static void Retire(ArrayBufferCounter* counter);

  ~ArrayBufferCounter() = default;
  ArrayBufferCounter(const ArrayBufferCounter&) = delete;
  ArrayBufferCounter& operator=(const ArrayBufferCounter&) = delete;

  void FillTotals(Totals& totals) const;

  void set_listener(ArrayBufferListener* listener);
  // What the isolate's thread allocates from now on is ours, or no longer: nobody counts it, nor its end.
  void set_ours(bool ours) { ours_.store(ours, std::memory_order_relaxed); }
  // Hands over the frees that other threads did since the last call, in order.
  void DeliverQueuedFrees();

 private:
  using Allocator = v8::ArrayBuffer::Allocator;

  static void* Allocate(Allocator* self, size_t length);
  static void* AllocateUninitialized(Allocator* self, size_t length);
  static void Free(Allocator* self, void* data, size_t length);
  static void* Reallocate(Allocator* self, void* data, size_t old_length, size_t new_length);

  explicit ArrayBufferCounter(Allocator* allocator);

  // What an entry has to do for `self`: whom to count for, and whom to call.
  struct Way {
    ArrayBufferCounter* counter;  // nullptr when it was just retired
    void** table;
  };
  static Way WayOf(Allocator* self);
  static void* CountedAllocate(Allocator* self, size_t entry, size_t length);
  bool OnIsolateThread() const { return std::this_thread::get_id() == thread_.load(std::memory_order_relaxed); }
  bool IsReached();
  void Install();
  bool Restore();

  void CountAllocation(void* data, size_t size);
  void BeforeFree(void* data, size_t size);
  bool AddOwn(void* data);
  bool RemoveOwn(void* data);
  void ForgetOwn();

  Allocator* const allocator_;
  void** const original_;              // the original table's first entry
  const std::unique_ptr<void*[]> table_;
  std::atomic<std::thread::id> thread_;  // the isolate's
  int users_ = 0;                        // isolates

  std::atomic<uint64_t> bytes_{0}, calls_{0}, freed_bytes_{0}, frees_{0};

  std::atomic<ArrayBufferListener*> listener_{nullptr};
  std::mutex queue_mutex_;
  std::vector<std::pair<void*, uint64_t>> queued_frees_;
  std::atomic<bool> has_queued_{false}, lost_{false};

  std::atomic<bool> ours_{false};  // what the isolate's thread allocates
  std::mutex own_mutex_;
  std::unordered_set<void*> own_;  // that live
  std::atomic<size_t> own_count_{0};
};

}  // namespace heapproof
