#include "array_buffer_counter.h"

#include <cstring>
#include <deque>
#include <exception>
#include <v8-version.h>

#include "../base/address_slots.h"
#include "../base/awaited_addresses.h"
#include "../base/clock.h"
#include "../base/fork_guard.h"

namespace heapproof {

namespace {

// Node's allocator has about a dozen virtual functions; what lies behind the table's end is read-only data that is
// copied and never called.
constexpr size_t kTableEntries = 32;
constexpr size_t kHidden = 2;  // in front of the first entry: offset to top, type info

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

using Counters = AddressSlots<ArrayBufferCounter>;
Counters& TheCounters() {
  alignas(64) static Counters counters;  // by allocator
  return counters;
}

// Changes of the counters, and of who uses them.
std::mutex& CountersMutex() {
  static auto* mutex = new std::mutex();  // lives as long as the process
  return *mutex;
}

}  // namespace

ArrayBufferCounter* ArrayBufferCounter::InFrontOf(v8::Isolate* isolate) {
  Allocator* allocator = isolate->GetArrayBufferAllocator();
  const std::lock_guard lock(CountersMutex());
  ArrayBufferCounter* counter = TheCounters().Find(allocator);
  // One that could not be taken away may have been in front of an earlier object at this address.
  if (counter != nullptr && !counter->IsReached()) {
    TheCounters().Remove(allocator);
    counter->ForgetOwn();
    counter = nullptr;
  }
  if (counter == nullptr) {
    auto created = std::unique_ptr<ArrayBufferCounter>(new ArrayBufferCounter(allocator));
    if (!TheCounters().Put(allocator, created.get())) return nullptr;
    counter = created.release();
    counter->Install();
  }
  if (counter->users_++ == 0) counter->thread_ = std::this_thread::get_id();
  return counter;
}

ArrayBufferCounter::ArrayBufferCounter(Allocator* allocator)
    : allocator_(allocator), original_(TableOf(allocator)), table_(new void*[kHidden + kTableEntries]) {
  std::memcpy(&table_[0], original_ - kHidden, (kHidden + kTableEntries) * sizeof(void*));
  void** entries = &table_[kHidden];
  entries[AllocateEntry()] = reinterpret_cast<void*>(&Allocate);
  entries[UninitializedEntry()] = reinterpret_cast<void*>(&AllocateUninitialized);
  entries[FreeEntry()] = reinterpret_cast<void*>(&Free);
#if HEAPPROOF_HAS_REALLOCATE
  entries[ReallocateEntry()] = reinterpret_cast<void*>(&Reallocate);
#endif
}

void ArrayBufferCounter::Install() { __atomic_store_n(&TableOf(allocator_), &table_[kHidden], __ATOMIC_RELEASE); }

// Whether calls of the allocator come to this counter: tried, since tables of others cannot be asked where they lead.
bool ArrayBufferCounter::IsReached() {
  const uint64_t calls = calls_.load(std::memory_order_relaxed);
  if (void* data = allocator_->AllocateUninitialized(1)) allocator_->Free(data, 1);
  return calls_.load(std::memory_order_relaxed) != calls;
}

bool ArrayBufferCounter::Restore() {
  if (TableOf(allocator_) != &table_[kHidden]) return false;
  __atomic_store_n(&TableOf(allocator_), original_, __ATOMIC_RELEASE);
  TheCounters().Remove(allocator_);
  return true;
}

void ArrayBufferCounter::Retire(ArrayBufferCounter* counter) {
  static auto* retired = new std::deque<std::unique_ptr<ArrayBufferCounter>>();  // lives as long as the process
  constexpr size_t kKept = 256;
  counter->set_listener(nullptr);
  const std::lock_guard lock(CountersMutex());
  if (--counter->users_ > 0 || !counter->Restore()) return;
  counter->ForgetOwn();
  retired->emplace_back(counter);
  if (retired->size() > kKept) retired->pop_front();
}

ArrayBufferCounter::Way ArrayBufferCounter::WayOf(Allocator* self) {
  if (ArrayBufferCounter* counter = TheCounters().Find(self)) return {counter, counter->original_};
  // Put back since this call began: the table that is there now leads past us.
  return {nullptr, __atomic_load_n(&TableOf(self), __ATOMIC_ACQUIRE)};
}

void* ArrayBufferCounter::CountedAllocate(Allocator* self, size_t entry, size_t length) {
  const auto [counter, table] = WayOf(self);
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
  const auto [counter, table] = WayOf(self);
  // Before the real free: afterwards another thread may be given the same address.
  if (counter != nullptr) counter->BeforeFree(data, length);
  reinterpret_cast<void (*)(Allocator*, void*, size_t)>(table[FreeEntry()])(self, data, length);
}

#if HEAPPROOF_HAS_REALLOCATE
void* ArrayBufferCounter::Reallocate(Allocator* self, void* data, size_t old_length, size_t new_length) {
  const auto [counter, table] = WayOf(self);
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
  if (data == nullptr || (ours_.load(std::memory_order_relaxed) && OnIsolateThread() && AddOwn(data))) return;
  bytes_.fetch_add(size, std::memory_order_relaxed);
  calls_.fetch_add(1, std::memory_order_relaxed);
  ArrayBufferListener* listener = listener_.load(std::memory_order_acquire);
  if (listener != nullptr && OnIsolateThread()) listener->OnBufferAllocated(data, size);
}

void ArrayBufferCounter::BeforeFree(void* data, size_t size) {
  if (data == nullptr) return;
  // In a forked child a lock may be held for ever.
  const bool is_awaited = awaited_addresses.MayHold(data) && !InForkedChild();
  if (is_awaited && own_count_.load(std::memory_order_relaxed) > 0 && RemoveOwn(data)) return;
  freed_bytes_.fetch_add(size, std::memory_order_relaxed);
  frees_.fetch_add(1, std::memory_order_relaxed);
  if (!is_awaited) return;
  ArrayBufferListener* listener = listener_.load(std::memory_order_acquire);
  if (listener == nullptr) return;
  const uint64_t now = MonotonicNanoseconds();
  if (OnIsolateThread()) {
    DeliverQueuedFrees();
    listener->OnBufferFreed(data, now);
    return;
  }
  const std::lock_guard lock(queue_mutex_);
  try {
    queued_frees_.emplace_back(data, now);
  } catch (const std::exception&) {
    lost_.store(true, std::memory_order_relaxed);
  }
  has_queued_.store(true, std::memory_order_release);
}

// False when there is no memory to note it in: then it counts.
bool ArrayBufferCounter::AddOwn(void* data) {
  if (InForkedChild()) return false;
  const std::lock_guard lock(own_mutex_);
  try {
    if (own_.insert(data).second) awaited_addresses.Add(data);
  } catch (const std::exception&) {
    return false;
  }
  own_count_.store(own_.size(), std::memory_order_relaxed);
  return true;
}

bool ArrayBufferCounter::RemoveOwn(void* data) {
  const std::lock_guard lock(own_mutex_);
  if (own_.erase(data) == 0) return false;
  own_count_.store(own_.size(), std::memory_order_relaxed);
  awaited_addresses.Remove(data);
  return true;
}

// What is freed after the counter has left is freed unseen.
void ArrayBufferCounter::ForgetOwn() {
  const std::lock_guard lock(own_mutex_);
  for (const void* data : own_) awaited_addresses.Remove(data);
  own_.clear();
  own_count_.store(0, std::memory_order_relaxed);
  awaited_addresses.Tidy();
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
  if (lost_.exchange(false, std::memory_order_relaxed)) listener->OnBufferFreesLost();
}

void ArrayBufferCounter::set_listener(ArrayBufferListener* listener) {
  const std::lock_guard lock(queue_mutex_);
  listener_.store(listener, std::memory_order_release);
  queued_frees_.clear();
  lost_.store(false, std::memory_order_relaxed);
  has_queued_.store(false, std::memory_order_release);
}

void ArrayBufferCounter::FillTotals(Totals& totals) const {
  totals.array_buffer_bytes = bytes_.load(std::memory_order_relaxed);
  totals.array_buffer_calls = calls_.load(std::memory_order_relaxed);
  totals.array_buffer_freed_bytes = freed_bytes_.load(std::memory_order_relaxed);
  totals.array_buffer_frees = frees_.load(std::memory_order_relaxed);
}

}  // namespace heapproof
