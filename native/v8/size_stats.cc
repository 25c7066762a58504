#include "size_stats.h"

#include <exception>

#include "../base/fork_guard.h"
#include "isolate_host.h"

namespace heapproof {

std::string SizeStats::Start() {
  if (options_.heap) {
    const std::string problem = StartSamples(host_.isolate(), options_.interval, this);
    direct_ = problem.empty();
    if (problem == "sampler-busy") return problem;
    if (!direct_) {
      polled_ = std::make_unique<PolledSource>(host_.isolate(), host_.code(), 1, options_.interval);
      const std::string polled_problem = polled_->Start();
      if (!polled_problem.empty()) {
        polled_.reset();
        return polled_problem;
      }
    }
  }
  if (options_.native) {
    const std::string problem = TheNativeHeap().AttachSizes();
    if (!problem.empty()) return "unsupported: " + problem;
    native_ = true;
  }
  buffers_ = options_.array_buffers;
  if (buffers_) host_.array_buffers().set_listener(this);
  return "";
}

void SizeStats::Stop(double* into) {
  CountPendingSample();
  if (polled_) {
    const HeapCounter::Exclude exclude(host_.heap());
    polled_->Harvest(traces_, *this, false);
  }
  if (native_) {
    NativeSizes sizes;
    TheNativeHeap().ReadSizes(sizes);
    for (size_t i = 0; i < NativeSizes::kBuckets; i++) Of(Domain::kNative).AddBucket(i, sizes.count[i], sizes.bytes[i]);
  }
  Unhook();
  for (const SizeHistogram& histogram : histograms_) {
    for (const SizeHistogram::Bucket& bucket : histogram.buckets()) {
      *into++ = bucket.count;
      *into++ = bucket.bytes;
    }
  }
}

void SizeStats::Unhook() noexcept {
  if (buffers_) host_.array_buffers().set_listener(nullptr);
  if (native_) TheNativeHeap().DetachSizes();
  if (direct_) StopSamples(host_.isolate());
  if (polled_) polled_->Stop();
  buffers_ = native_ = direct_ = false;
  polled_.reset();
}

void SizeStats::BeforeCollection(v8::GCType type) noexcept {
  if (InForkedChild()) return;
  CountPendingSample();
  if (!polled_ || !IsCollection(type)) return;
  try {
    polled_->Harvest(traces_, *this, true);
  } catch (const std::exception&) {
    // Out of memory: what this collection frees is not counted.
  }
}

void SizeStats::OnSample(void* sample) noexcept {
  CountPendingSample();
  pending_sample_ = sample;
}

void SizeStats::OnSampleGone(void* sample) noexcept {
  if (sample == pending_sample_) CountPendingSample();
}

void SizeStats::CountPendingSample() {
  if (pending_sample_ == nullptr) return;
  CountHeap(SampleSize(pending_sample_));
  pending_sample_ = nullptr;
}

void SizeStats::OnPolledAllocation(uint64_t, uint64_t size, uint32_t) { CountHeap(size); }

void SizeStats::CountHeap(uint64_t size) {
  Of(Domain::kHeap).Add(size, 1 / PoissonProbability(static_cast<double>(options_.interval), size));
}

void SizeStats::OnBufferAllocated(void*, size_t size) noexcept { Of(Domain::kArrayBuffer).Add(size, 1); }

}  // namespace heapproof
