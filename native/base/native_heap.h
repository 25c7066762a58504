// The `native` domain: what add-ons and the libraries they bring ask of malloc and operator new.
//
//     call in an add-on ──► hook (native_hooks) ──► the real function
//                             │
//                             ├─ adds to the numbers of its thread (native_threads): exact, no lock
//                             └─ chosen by the thread's sampler?  ──► this file
//                                    on an isolate's own thread:   its session is told at once, it can walk the stack
//                                    on a thread of no isolate:    queued for the session that began first
//                                    on another isolate's thread:  not this session's business
//
// A block that was chosen is in a table until it is freed, by whichever thread and object. Before that, one byte of a
// filter (address_filter) tells nearly all frees that they need not look.
//
// What counts: blocks asked for by every loaded object but node itself with the libraries it was linked with, the C and
// C++ runtime, and heapproof. V8's zones are node's and not in here; neither is what the C library allocates itself for an
// add-on (strdup, fopen). Frees of sampled blocks are seen wherever they happen.
//
// Unless it says otherwise a function here may be called from any thread. In a forked child all of it does nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "sampler.h"

namespace heapproof {

struct NativeSample {
  uint64_t size;         // bytes asked for
  uint64_t nanoseconds;  // when it was allocated, MonotonicNanoseconds()
  uint32_t object;       // who asked: NativeHeap::ObjectPath; 0 when not known
  uint32_t thread;       // 0: the isolate's own; else the number of a thread of no isolate, from 1
  uint32_t trace;        // what OnNativeAllocated gave it; 0 before
};

// One recording. Everything but OnNativeQueueLong is called on the isolate's own thread, and whatever is allocated
// inside is neither counted nor sampled.
class NativeListener {
 public:
  // Gives the sample its trace, and perhaps a later time, for OnNativeFreed. For sample.thread 0 this is the moment of the allocation, inside the add-on's call:
  // V8 may be collecting, nothing may be allocated on its heap. For other threads it is later, and the stack is not
  // known: the trace must then follow from the object (and thread) alone.
  virtual void OnNativeAllocated(NativeSample& sample) noexcept = 0;
  // The end of a block that OnNativeAllocated was told of, at `nanoseconds`. May come from inside a collection.
  virtual void OnNativeFreed(const NativeSample& sample, uint64_t nanoseconds) noexcept = 0;
  // Many events wait for Deliver (half of kQueueLimit). On any thread, under our lock: only wake somebody up.
  virtual void OnNativeQueueLong() noexcept {}

 protected:
  ~NativeListener() = default;
};

// Exact numbers. The calls that failed are in none of them.
struct NativeTotals {
  uint64_t bytes = 0;  // asked for
  uint64_t calls = 0;
  uint64_t frees = 0;  // of something, by an object that counts; realloc is a free and a call
};

// How many blocks, and bytes in them, by size: bucket ceil(log2(size)), 0 for sizes 0 and 1.
struct NativeSizes {
  static constexpr size_t kBuckets = 64;
  uint64_t count[kBuckets] = {};
  uint64_t bytes[kBuckets] = {};

  void Add(uint64_t size);
};

class NativeHeap {
 public:
  // Threads of no isolate stop being sampled while this many of their allocations wait for Deliver; see Lost.
  static constexpr size_t kQueueLimit = 1 << 16;

  // Says that the calling thread belongs to an isolate, until it says the opposite. What the thread allocates is then in
  // no other isolate's numbers. Both on the isolate's own thread.
  void RegisterIsolateThread();
  void UnregisterIsolateThread();

  // Starts counting, for as long as there are as many calls with `false` to come. Empty, or one clause why not.
  std::string CountOnly(bool on);

  // Starts sampling for the isolate of the calling thread: counts too. `seed` gives the draws of this thread, those of
  // others follow from it and their number. Empty on success, else one clause of explanation.
  std::string Attach(NativeListener* listener, const SamplingRule& rule, uint64_t seed);
  // Ends it; blocks that still live are forgotten. Call Deliver before, or what is queued is lost. On the thread of Attach.
  void Detach(NativeListener* listener);

  // The same with sizes only: every call of this isolate's thread, and of threads of no isolate if this began first.
  std::string AttachSizes();
  void DetachSizes();
  void ReadSizes(NativeSizes& into);  // since AttachSizes, on its thread; adds to `into`

  // Looks for objects that were loaded since the last call and hooks them. About 0.2 us when there are none.
  void Refresh();

  // Hands over what other threads did since the last call, in their order. Cheap if nothing. On the thread of Attach, or
  // on another while the listener sees to it that nothing else is called for it there: then also its OnNative... are.
  void Deliver(NativeListener* listener);
  // Allocations of threads of no isolate that should have been sampled and were not, because nobody called Deliver.
  uint64_t Lost(NativeListener* listener);

  // Numbers for the isolate of the calling thread: its own thread and all that belong to no isolate, since the process
  // began to count; only the difference of two readings means something. Zeros when nothing was ever counted.
  NativeTotals ForThisIsolate();

  // The file an index stands for, as the loader knows it; "" for 0 and for what was never handed out.
  std::string ObjectPath(uint32_t object);

  // Bytes that the tables of this recording take now.
  size_t OwnMemory(NativeListener* listener);
};

// One for the process; it is never destroyed, since hooks may still run while the process ends.
NativeHeap& TheNativeHeap();

}  // namespace heapproof
