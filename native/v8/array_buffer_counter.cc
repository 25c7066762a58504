#include "array_buffer_counter.h"

#include <cstring>
#include <deque>
#include <v8-version.h>

#include "../base/clock.h"

namespace heapproof {

namespace {

// Node's allocator has about a dozen virtual functions; what lies behind the table's end is read-only data that is
// copied and never called.
constexpr size_t kTableEntries = 32;
constexpr size_t kHidden = 3;  // in front of the first entry: our counter, offset to top, type info

#define HEAPPROOF_HAS_REALLOCATE (V8_MAJOR_VERSION < 13)

// The index of a virtual function in the table (Itanium ABI: a pointer to a virtual member is 1 + its byte offset).
template <typename Member>
size_t EntryOf(Member member) {
  uintptr_t word;
  std::memcpy(&word, &member, sizeof word);
#if defined(__aarch64__)
  return word / sizeof(void*);  // there the marking bit is in the second word
#else
  return (word - 1) / sizeof(void*);
#endif
}

size_t AllocateEntry() { return EntryOf(&v8::ArrayBuffer::Allocator::Allocate); }
size_t UninitializedEntry() { return EntryOf(&v8::ArrayBuffer::Allocator::AllocateUninitialized); }
size_t FreeEntry() { return EntryOf(static_cast<void (v8::ArrayBuffer::Allocator::*)(void*, size_t)>(
    &v8::ArrayBuffer::Allocator::Free)); }
#if HEAPPROOF_HAS_REALLOCATE
size_t ReallocateEntry() { return EntryOf(&v8::ArrayBuffer::Allocator::Reallocate); }
#endif

void**& TableOf(v8::ArrayBuffer::Allocator* allocator) { return *reinterpret_cast<void***>(allocator); }

}  // namespace

ArrayBufferCounter::ArrayBufferCounter(v8::Isolate* isolate)
    : allocator_(isolate->GetArrayBufferAllocator()),
      original_(TableOf(allocator_)),
      table_(new void*[kHidden + kTableEntries]),
      thread_(std::this_thread::get_id()) {
  table_[0] = this;
  std::memcpy(&table_[1], original_ - 2, (2 + kTableEntries) * sizeof(void*));
  void** entries = &table_[kHidden];
  entries[AllocateEntry()] = reinterpret_cast<void*>(&Allocate);
  entries[UninitializedEntry()] = reinterpret_cast<void*>(&AllocateUninitialized);
  entries[FreeEntry()] = reinterpret_cast<void*>(&Free);
#if HEAPPROOF_HAS_REALLOCATE
  entries[ReallocateEntry()] = reinterpret_cast<void*>(&Reallocate);
#endif
  __atomic_store_n(&TableOf(allocator_), entries, __ATOMIC_RELEASE);
}

void ArrayBufferCounter::Restore() {
  set_listener(nullptr);
  // Somebody may have put a table of their own over ours; it leads to ours, which then has to stay in place.
  if (TableOf(allocator_) == &table_[kHidden]) __atomic_store_n(&TableOf(allocator_), original_, __ATOMIC_RELEASE);
}

void ArrayBufferCounter::Retire(std::unique_ptr<ArrayBufferCounter> counter) {
  static std::mutex mutex;
  static auto* retired = new std::deque<std::unique_ptr<ArrayBufferCounter>>();  // lives as long as the process
  counter->Restore();
  const std::lock_guard lock(mutex);
  retired->push_back(std::move(counter));
  if (retired->size() > 64) retired->pop_front();
}

ArrayBufferCounter* ArrayBufferCounter::Of(Allocator* self) {
  void** table = __atomic_load_n(&TableOf(self), __ATOMIC_ACQUIRE);
  if (table[FreeEntry()] != reinterpret_cast<void*>(&Free)) return nullptr;
  return static_cast<ArrayBufferCounter*>(table[-static_cast<int>(kHidden)]);
}

void* ArrayBufferCounter::CountedAllocate(Allocator* self, size_t entry, size_t length) {
  ArrayBufferCounter* counter = Of(self);
  void** table = counter != nullptr ? counter->original_ : TableOf(self);
  void* data = reinterpret_cast<void* (*)(Allocator*, size_t)>(table[entry])(self, length);
  if (counter != nullptr) counter->CountAllocation(data, length);
  return data;
}

void* ArrayBufferCounter::Allocate(Allocator* self, size_t length) {
  return CountedAllocate(self, AllocateEntry(), length);
}

void* ArrayBufferCounter::AllocateUninitialized(Allocator* self, size_t length) {
  return CountedAllocate(self, UninitializedEntry(), length);
}

void ArrayBufferCounter::Free(Allocator* self, void* data, size_t length) {
  ArrayBufferCounter* counter = Of(self);
  void** table = counter != nullptr ? counter->original_ : TableOf(self);
  // Before the real free: afterwards another thread may be given the same address.
  if (counter != nullptr) counter->BeforeFree(data, length);
  reinterpret_cast<void (*)(Allocator*, void*, size_t)>(table[FreeEntry()])(self, data, length);
}

#if HEAPPROOF_HAS_REALLOCATE
void* ArrayBufferCounter::Reallocate(Allocator* self, void* data, size_t old_length, size_t new_length) {
  ArrayBufferCounter* counter = Of(self);
  void** table = counter != nullptr ? counter->original_ : TableOf(self);
  // V8's own implementation goes through Allocate and Free of the same object, which count for themselves; Node's
  // override does not come back to us. The number of calls tells which it was.
  const uint64_t calls = counter != nullptr ? counter->calls_.load(std::memory_order_relaxed) : 0;
  void* moved = reinterpret_cast<void* (*)(Allocator*, void*, size_t, size_t)>(table[ReallocateEntry()])(
      self, data, old_length, new_length);
  if (counter != nullptr && moved != nullptr && counter->calls_.load(std::memory_order_relaxed) == calls) {
    counter->BeforeFree(data, old_length);
    counter->CountAllocation(moved, new_length);
  }
  return moved;
}
#endif

void ArrayBufferCounter::CountAllocation(void* data, size_t size) {
  if (data == nullptr) return;
  bytes_.fetch_add(size, std::memory_order_relaxed);
  calls_.fetch_add(1, std::memory_order_relaxed);
  ArrayBufferListener* listener = listener_.load(std::memory_order_acquire);
  if (listener != nullptr && std::this_thread::get_id() == thread_) listener->OnBufferAllocated(data, size);
}

void ArrayBufferCounter::BeforeFree(void* data, size_t size) {
  if (data == nullptr) return;
  freed_bytes_.fetch_add(size, std::memory_order_relaxed);
  frees_.fetch_add(1, std::memory_order_relaxed);
  ArrayBufferListener* listener = listener_.load(std::memory_order_acquire);
  if (listener == nullptr) return;
  const uint64_t now = MonotonicNanoseconds();
  if (std::this_thread::get_id() == thread_) {
    DeliverQueuedFrees();
    listener->OnBufferFreed(data, now);
    return;
  }
  const std::lock_guard lock(queue_mutex_);
  queued_frees_.emplace_back(data, now);
  has_queued_.store(true, std::memory_order_release);
}

void ArrayBufferCounter::DeliverQueuedFrees() {
  if (!has_queued_.load(std::memory_order_acquire)) return;
  std::vector<std::pair<void*, uint64_t>> frees;
  {
    const std::lock_guard lock(queue_mutex_);
    frees.swap(queued_frees_);
    has_queued_.store(false, std::memory_order_release);
  }
  ArrayBufferListener* listener = listener_.load(std::memory_order_acquire);
  if (listener == nullptr) return;
  for (const auto& [data, nanoseconds] : frees) listener->OnBufferFreed(data, nanoseconds);
}

void ArrayBufferCounter::set_listener(ArrayBufferListener* listener) {
  const std::lock_guard lock(queue_mutex_);
  listener_.store(listener, std::memory_order_release);
  queued_frees_.clear();
  has_queued_.store(false, std::memory_order_release);
}

void ArrayBufferCounter::FillTotals(Totals& totals) const {
  totals.array_buffer_bytes = bytes_.load(std::memory_order_relaxed);
  totals.array_buffer_calls = calls_.load(std::memory_order_relaxed);
  totals.array_buffer_freed_bytes = freed_bytes_.load(std::memory_order_relaxed);
  totals.array_buffer_frees = frees_.load(std::memory_order_relaxed);
}

}  // namespace heapproof
