// Every thread that allocated since counting began, with its numbers.
//
// A thread writes only its own record and never waits for anybody while it counts. Whoever wants a sum reads all records;
// what threads that have ended did is in a remainder.
//
//     isolate A's thread   [bytes calls frees] ─► A's numbers
//     pool thread          [bytes calls frees] ─┐
//     pool thread          [bytes calls frees] ─┼► both A's and B's numbers
//     ended threads        [     remainder   ] ─┘
//     isolate B's thread   [bytes calls frees] ─► B's numbers
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "sampler.h"

namespace heapproof {

struct NativeTotals;
struct NativeSession;

struct NativeThread {
  std::atomic<uint64_t> bytes{0}, calls{0}, frees{0};

  // Of the thread itself only.
  Sampler* sampler = nullptr;        // nullptr: nothing is sampled here
  uint32_t epoch = 0;                // of the recording that `sampler` was made for
  bool of_isolate = false;
  NativeSession* session = nullptr;  // that of its isolate
  uint32_t number = 0;               // among the threads of no isolate, from 1
  SamplingRule rule;
  std::unique_ptr<Sampler> own_sampler;

  // Under the lock of the list.
  uint64_t base[3] = {0, 0, 0};      // part of the numbers that was somebody else's
  NativeThread* next = nullptr;
  NativeThread* previous = nullptr;
};

struct NativeThreadState {
  NativeThread* active;  // nullptr: not known yet, or quiet
  NativeThread* record;
  uint32_t quiet;
  bool ended;
};
// Initial-exec: the address is a constant offset from the thread pointer. The general model would call into the loader
// for every malloc of every add-on (and may allocate itself).
extern __thread NativeThreadState native_thread_state __attribute__((tls_model("initial-exec")));

// While it lives the thread's hooks only pass on: what we do ourselves is not the program's, and a hook that waited for a
// lock that its own thread holds would wait for ever. Keeps errno: malloc and free may be called for their errno.
class NativeQuiet {
 public:
  NativeQuiet();
  ~NativeQuiet();
  NativeQuiet(const NativeQuiet&) = delete;
  NativeQuiet& operator=(const NativeQuiet&) = delete;

 private:
  NativeThread* const active_;
  const int error_;
};

// The record of the calling thread to count into, or nullptr when it is quiet. A thread whose record is gone already has
// the three numbers added to the remainder.
NativeThread* EnterNativeThread(uint64_t bytes, uint64_t calls, uint64_t frees);

// The record of the calling thread; made if there is none. nullptr if that is not possible.
NativeThread* ThisNativeThread();

void SetOfIsolate(NativeThread* thread, bool of_isolate);
NativeTotals TotalsForIsolateOf(const NativeThread* thread);

inline void Count(NativeThread* thread, uint64_t bytes, uint64_t calls, uint64_t frees) {
  const auto add = [](std::atomic<uint64_t>& number, uint64_t amount) {
    number.store(number.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  };
  if (bytes != 0) add(thread->bytes, bytes);
  if (calls != 0) add(thread->calls, calls);
  if (frees != 0) add(thread->frees, frees);
}

// Makes all hooks of a forked child pass through. Once, before anything is patched.
void WatchNativeForks();

}  // namespace heapproof
