// Counts allocations by size, for a program of which nothing is known yet: which sizes there are, and how many, tells
// which sampling suits it. No stacks, no frees, no files.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>

#include "../base/native_heap.h"
#include "../base/size_histogram.h"
#include "../base/trace_table.h"
#include "array_buffer_counter.h"
#include "host.h"
#include "polled_source.h"
#include "sample_source.h"

namespace heapproof {

class IsolateHost;

class SizeStats final : public SampleListener, public PolledListener, public ArrayBufferListener {
 public:
  static constexpr size_t kDomains = 3;

  SizeStats(IsolateHost& host, const StatsOptions& options) : host_(host), options_(options) {}
  ~SizeStats() { Unhook(); }

  // Empty on success, else the reason.
  std::string Start();
  // count and bytes of each bucket, of the domains one after the other.
  void Stop(double* into);

  void BeforeCollection(v8::GCType type) noexcept;

  void OnSample(void* sample) noexcept override;
  void OnSampleGone(void* sample) noexcept override;
  void OnPolledAllocation(uint64_t id, uint64_t size, uint32_t trace) override;
  void OnPolledFree(uint64_t) override {}
  void OnBufferAllocated(void* data, size_t size) noexcept override;
  void OnBufferFreed(void*, uint64_t) noexcept override {}
  void OnBufferFreesLost() noexcept override {}

 private:
  void CountPendingSample();
  void CountHeap(uint64_t size);
  void Unhook() noexcept;
  SizeHistogram& Of(Domain domain) { return histograms_[static_cast<size_t>(domain)]; }

  IsolateHost& host_;
  const StatsOptions options_;
  std::array<SizeHistogram, kDomains> histograms_;
  void* pending_sample_ = nullptr;  // V8 writes its size after OnSample
  bool direct_ = false;
  bool buffers_ = false;
  bool native_ = false;
  std::unique_ptr<PolledSource> polled_;
  TraceTable traces_;  // the polled source wants one
};

}  // namespace heapproof
