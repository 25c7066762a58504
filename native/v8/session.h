// One recording of one isolate, or its live view: from Start to Stop, or to the first failure.
//
//     sources                        tables                          what comes of it
//     DirectSource, PolledSource ─┐
//     ArrayBufferCounter ─────────┼► TraceTable, LiveSets ─┬► LiveView         what is alive now, by trace
//     NativeHeap ─────────────────┘                        └► ProfileWriter    the files; every 64 KiB or 200 ms, at the
//                                                             next moment at which V8 lets us allocate (an interrupt)
//
// Sources report on the isolate's own thread. The watchdog has one of its own: hence the lock, which is recursive, since
// writing lets V8 collect garbage, and collections report to us.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <v8.h>

#include "../base/fork_guard.h"
#include "../base/live_set.h"
#include "../base/live_view.h"
#include "../base/native_heap.h"
#include "../base/sampler.h"
#include "../base/trace_sums.h"
#include "../base/trace_table.h"
#include "../base/watchdog.h"
#include "array_buffer_counter.h"
#include "host.h"
#include "polled_source.h"
#include "profile_writer.h"
#include "sample_source.h"
#include "stack_walker.h"

namespace heapproof {

class IsolateHost;

class Session final : public SampleListener,
                      public PolledListener,
                      public ArrayBufferListener,
                      public NativeListener,
                      public Watched {
 public:
  Session(IsolateHost& host, const SessionOptions& options);
  ~Session();

  // Empty on success; otherwise the reason.
  std::string Start();
  // Ends the recording and closes the files. Empty, or why the recording had ended before.
  std::string Stop();
  // Only at a moment at which V8 may allocate.
  void Drain();

  void BeforeCollection(v8::GCType type) noexcept;
  void AfterCollection(v8::GCType type) noexcept;

  void OnSample(void* sample) noexcept override;
  void OnSampleGone(void* sample) noexcept override;
  void OnPolledAllocation(uint64_t id, uint64_t size, uint32_t trace) override;
  void OnPolledFree(uint64_t id) override;
  void OnBufferAllocated(void* data, size_t size) noexcept override;
  void OnBufferFreed(void* data, uint64_t nanoseconds) noexcept override;
  void OnBufferFreesLost() noexcept override { Fail("out of memory in the sampler"); }
  void OnNativeAllocated(NativeSample& sample) noexcept override;
  void OnNativeFreed(const NativeSample& sample, uint64_t nanoseconds) noexcept override;
  void OnNativeQueueLong() noexcept override { RequestDrain(); }
  void OnTick() noexcept override;
  bool OnEnding(int milliseconds) noexcept override;

  // What is allocated from now on is ours, or no longer.
  void SetOurs(bool ours);

  // Once stopped: the .hpm and the .hpd, if they are in memory.
  std::vector<Bytes> TakeMemory() { return writer_.TakeMemory(); }
  // The same recording, or the files that it became, summed up: what was counted in bytes, of the heap and behind array
  // buffers, then TraceSums. Empty when it failed, and of any other.
  std::vector<double> TakeSums() { return std::move(numbers_); }

  bool names_source_maps() const { return writer_.names_source_maps(); }
  double Elapsed() const { return static_cast<double>(Now()) / 1e6; }

  // The live view.
  std::vector<double> LiveTraces();
  // The trace of a live object, or of the memory of an array buffer, that was sampled; else 0.
  uint32_t TraceOf(v8::Local<v8::Value> object);
  LiveTotals Live();
  void ResetPeak();
  void ClearTraces();
  Bytes Metadata();
  size_t OwnMemory();

 private:
  template <typename Body>
  void Protected(Body&& body) noexcept;

  std::string StartHeap();
  std::string Header() const;
  uint64_t Now() const;
  double Scale(Domain domain, uint64_t size) const;
  uint64_t TimeOf(uint64_t nanoseconds) const;
  void Allocated(Domain domain, LiveSample& sample, uint32_t thread = 0);
  void Freed(Domain domain, const LiveSample& sample, uint64_t time, uint32_t thread = 0);
  uint32_t NativeTrace(const NativeSample& sample);
  void CompletePendingSample();
  void CompleteForBlockedThread();
  void RecordPending(uint64_t size, bool own_thread);
  void Harvest();
  void DeliverQueues();
  void AskForDrain();
  void RequestDrain();
  void WriteOut(bool may_allocate);
  void Fail(const char* reason) noexcept;
  void WriteEnd(std::string_view reason);
  void Unhook() noexcept;
  Totals TotalsSinceStart() const;
  // Whether its sums may be all that is wanted: of a recording that begins in memory.
  bool is_summed() const { return !options_.file_base.empty(); }
  void SumUp();

  IsolateHost& host_;
  const SessionOptions options_;
  const uint64_t draw_;  // V8's own interval
  std::recursive_mutex mutex_;
  uint64_t start_nanoseconds_ = 0;
  uint64_t start_wall_nanoseconds_ = 0;
  Totals start_totals_;

  TraceTable traces_;
  LiveSet samples_;
  LiveSet buffers_;
  LiveView live_;
  TraceSums sums_;  // when it is_summed()
  std::vector<double> numbers_;
  uint64_t cleared_nanoseconds_ = 0;  // when the live view was
  std::unordered_map<uint32_t, uint32_t> object_frames_;
  StackWalker walker_;
  Thinner thinner_;
  Sampler buffer_sampler_;
  ProfileWriter writer_;

  bool direct_ = false;
  std::unique_ptr<PolledSource> polled_;
  std::string source_reason_;

  // A sample whose size V8 has not written yet: it does so right after OnSample.
  std::atomic<void*> pending_sample_ = nullptr;
  uint64_t pending_time_ = 0;

  uint64_t phase_start_ = 0;       // of what V8 announced last: a collection, or a step on the way to one
  uint64_t collection_start_ = 0;  // of the last collection
  uint64_t last_drain_ = 0;
  bool collecting_ = false;
  std::atomic<bool> drain_asked_ = false;
  std::atomic<bool> ours_ = false;  // what is allocated now is our own doing
  bool hooked_ = false;
  bool native_ = false;
  bool watched_ = false;
  std::string failure_;
  bool ended_ = false;
};

// Whatever fails in here, the program must not notice; in a forked child there is nothing to do.
template <typename Body>
void Session::Protected(Body&& body) noexcept {
  if (InForkedChild()) return;
  try {
    const std::lock_guard lock(mutex_);
    body();
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
}

}  // namespace heapproof
