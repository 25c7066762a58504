// One recording of one isolate: from Start to Stop, or to the first failure.
//
//     OnSample ──► stack, trace ──► EventLog ┐                 every 64 KiB or 200 ms, at the next moment at which V8
//     OnSampleGone ─► LiveSet ────► EventLog ┼── Drain ──►     lets us allocate (an interrupt): names and lines are looked
//     OnBuffer...  ───────────────► EventLog ┘                 up, .hpm is written, then .hpd
//
// Everything runs on the isolate's own thread.
#pragma once

#include <string>
#include <unordered_map>

#include <v8.h>

#include "../base/block_file.h"
#include "../base/event_log.h"
#include "../base/live_set.h"
#include "../base/metadata_log.h"
#include "../base/poisson.h"
#include "../base/trace_table.h"
#include "array_buffer_counter.h"
#include "code_watcher.h"
#include "host.h"
#include "sample_source.h"
#include "stack_walker.h"

namespace heapproof {

class IsolateHost;

class Session final : public SampleListener, public ArrayBufferListener {
 public:
  Session(IsolateHost& host, const SessionOptions& options);
  ~Session();

  // Empty on success; otherwise the reason.
  std::string Start();
  // Ends the recording and closes the files. Empty, or why the recording had ended before.
  std::string Stop();
  // Only at a moment at which V8 may allocate.
  void Drain();

  void BeforeCollection() noexcept;
  void AfterCollection(v8::GCType type) noexcept;

  void OnSample(void* sample) noexcept override;
  void OnSampleGone(void* sample) noexcept override;
  void OnBufferAllocated(void* data, size_t size) noexcept override;
  void OnBufferFreed(void* data, uint64_t nanoseconds) noexcept override;

 private:
  uint64_t Now() const;
  void CompletePendingSample();
  void AskForDrain();
  void WriteOut(bool may_allocate);
  void DescribeNewTraces(bool may_allocate);
  uint32_t DescribeFunction(uint32_t function, bool may_allocate);
  void Fail(const char* reason) noexcept;
  void WriteEnd(std::string_view reason);
  void Unhook() noexcept;
  Totals TotalsSinceStart() const;

  IsolateHost& host_;
  const SessionOptions options_;
  uint64_t start_nanoseconds_ = 0;
  Totals start_totals_;

  TraceTable traces_;
  LiveSet samples_;
  LiveSet buffers_;
  StackWalker walker_;
  PoissonSampler buffer_sampler_;

  BlockFile metadata_file_{'M'};
  BlockFile event_file_{'D'};
  MetadataLog metadata_;
  EventLog events_;

  // A sample whose size V8 has not written yet: it does so right after OnSample.
  void* pending_sample_ = nullptr;
  LiveSample pending_{};

  uint64_t collection_start_ = 0;
  uint64_t last_drain_ = 0;
  bool collecting_ = false;
  bool drain_asked_ = false;
  bool ours_ = false;  // what is allocated now is our own doing
  bool hooked_ = false;
  std::string failure_;
  bool ended_ = false;

  // How much of the tables is in the .hpm already, and the numbers scripts and functions have there.
  size_t frames_written_ = 0, nodes_written_ = 0, traces_written_ = 0;
  std::unordered_map<uint32_t, uint32_t> function_numbers_;
  std::unordered_map<int, uint32_t> script_numbers_;
};

}  // namespace heapproof
