#include "native_threads.h"

#if !defined(_WIN32)

#include <cerrno>
#include <exception>
#include <mutex>
#include <pthread.h>

#include "fork_guard.h"
#include "native_heap.h"

namespace heapproof {

__thread NativeThreadState native_thread_state __attribute__((tls_model("initial-exec"))) = {};

namespace {

struct ThreadList {
  std::mutex mutex;
  NativeThread* first = nullptr;
  std::atomic<uint64_t> remainder[3] = {};
  pthread_key_t key;
  bool has_key = false;
};

uint64_t Own(const NativeThread& thread, int number) {
  const std::atomic<uint64_t>* numbers[3] = {&thread.bytes, &thread.calls, &thread.frees};
  return numbers[number]->load(std::memory_order_relaxed) - thread.base[number];
}

// What the thread did so far is from now on nobody's, or (`keep`) everybody's.
void StartAnew(ThreadList& list, NativeThread& thread, bool keep) {
  for (int i = 0; i < 3; i++) {
    const uint64_t own = Own(thread, i);
    if (keep) list.remainder[i].fetch_add(own, std::memory_order_relaxed);
    thread.base[i] += own;
  }
}

ThreadList& TheList();

void EndThread(void* record) {
  auto* thread = static_cast<NativeThread*>(record);
  const NativeQuiet quiet;
  native_thread_state.record = nullptr;
  // Destructors of other keys may come after this one, and free.
  native_thread_state.ended = true;
  if (InForkedChild()) return;
  ThreadList& list = TheList();
  {
    const std::lock_guard lock(list.mutex);
    StartAnew(list, *thread, !thread->of_isolate);
    if (thread->previous != nullptr) thread->previous->next = thread->next;
    else list.first = thread->next;
    if (thread->next != nullptr) thread->next->previous = thread->previous;
  }
  delete thread;
}

ThreadList& TheList() {
  static auto* list = [] {
    auto* made = new ThreadList();  // never destroyed: hooks may still run while the process ends
    made->has_key = pthread_key_create(&made->key, EndThread) == 0;
    return made;
  }();
  return *list;
}

NativeThread* MakeRecord() {
  const NativeQuiet quiet;
  try {
    ThreadList& list = TheList();
    if (!list.has_key) return nullptr;
    auto record = std::make_unique<NativeThread>();
    if (pthread_setspecific(list.key, record.get()) != 0) return nullptr;
    const std::lock_guard lock(list.mutex);
    record->next = list.first;
    if (list.first != nullptr) list.first->previous = record.get();
    list.first = record.get();
    native_thread_state.record = record.get();
    return record.release();
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

NativeQuiet::NativeQuiet() : active_(native_thread_state.active), error_(errno) {
  native_thread_state.active = nullptr;
  native_thread_state.quiet++;
}

NativeQuiet::~NativeQuiet() {
  native_thread_state.quiet--;
  if (native_thread_state.record != nullptr && native_thread_state.quiet == 0) native_thread_state.active = active_;
  errno = error_;
}

NativeThread* ThisNativeThread() {
  NativeThreadState& state = native_thread_state;
  if (state.record != nullptr) return state.record;
  return state.ended || InForkedChild() ? nullptr : MakeRecord();
}

NativeThread* EnterNativeThread(uint64_t bytes, uint64_t calls, uint64_t frees) {
  NativeThreadState& state = native_thread_state;
  if (state.quiet != 0 || InForkedChild()) return nullptr;
  if (state.ended) {
    ThreadList& list = TheList();
    const uint64_t numbers[3] = {bytes, calls, frees};
    for (int i = 0; i < 3; i++) list.remainder[i].fetch_add(numbers[i], std::memory_order_relaxed);
    return nullptr;
  }
  return state.active = ThisNativeThread();
}

void SetOfIsolate(NativeThread* thread, bool of_isolate) {
  ThreadList& list = TheList();
  const std::lock_guard lock(list.mutex);
  if (thread->of_isolate == of_isolate) return;
  // What it did as a pool thread was in everybody's numbers and must not leave them; what it did for an isolate was in
  // no other's and must not get there.
  StartAnew(list, *thread, !thread->of_isolate);
  thread->of_isolate = of_isolate;
  thread->sampler = nullptr;
  thread->epoch = 0;
}

NativeTotals TotalsForIsolateOf(const NativeThread* thread) {
  ThreadList& list = TheList();
  const std::lock_guard lock(list.mutex);
  uint64_t sums[3];
  for (int i = 0; i < 3; i++) {
    sums[i] = list.remainder[i].load(std::memory_order_relaxed);
    for (const NativeThread* t = list.first; t != nullptr; t = t->next) {
      if (t == thread || !t->of_isolate) sums[i] += Own(*t, i);
    }
  }
  return {sums[0], sums[1], sums[2]};
}

void WatchNativeForks() {
  WatchForForks();
  static const int registered = pthread_atfork(nullptr, nullptr, [] {
    native_thread_state.active = nullptr;
    native_thread_state.quiet = 1;
    native_thread_state.record = nullptr;
  });
  (void)registered;
}

}  // namespace heapproof

#endif
