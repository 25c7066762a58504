#include "peak_watch.h"

#include <algorithm>

#include "../base/fork_guard.h"
#include "isolate_host.h"

namespace heapproof {

namespace {

// V8 draws samples at random. With several draws to a step, one is rarely late by more than a part of it.
constexpr double kDrawsPerStep = 4;
constexpr uint64_t kShortestDraw = 64;

}  // namespace

PeakWatch::PeakWatch(IsolateHost& host, uint64_t step, uint32_t most_collections)
    : host_(host), step_(static_cast<double>(step)), most_collections_(most_collections) {}

std::string PeakWatch::Start() {
  if (step_ > 0 && host_.session() == nullptr) {
    const auto interval = std::max(kShortestDraw, static_cast<uint64_t>(step_ / kDrawsPerStep));
    const std::string problem = StartSamples(host_.isolate(), interval, this);
    if (problem == "sampler-busy") return problem;
    if (!problem.empty()) return "unsupported: " + problem;
    own_samples_ = true;
    draw_ = static_cast<double>(interval);
    host_.array_buffers().set_listener(this);
    own_buffers_ = true;
  }
  start_ = after_collection_ = Now();
  return "";
}

void PeakWatch::Stop(double* into) {
  NoteUpper();
  const Moment end = Now();
  Unhook();
  into[kPeakUpper] = upper_;
  into[kPeakLower] = lower_;
  into[kPeakCollections] = collections_;
  into[kPeakExhausted] = exhausted_ ? 1 : 0;
  into[kPeakSeconds] = lower_seconds_;
  into[kPeakAllocated] = end.allocated - start_.allocated;
}

// Must be called where the samples came from: on the isolate's own thread, outside of V8's allocator.
void PeakWatch::Unhook() noexcept {
  if (own_samples_) StopSamples(host_.isolate());
  if (own_buffers_) host_.array_buffers().set_listener(nullptr);
  own_samples_ = own_buffers_ = false;
}

PeakWatch::Moment PeakWatch::Now() const {
  Totals totals;
  host_.array_buffers().FillTotals(totals);
  const auto allocated = static_cast<double>(totals.array_buffer_bytes);
  return {
      static_cast<double>(host_.heap().Used()),
      allocated - static_cast<double>(totals.array_buffer_freed_bytes),
      allocated,
      allocated + static_cast<double>(static_cast<int64_t>(host_.heap().Allocated())),
      static_cast<double>(host_.heap().UsedBesideYoung()),
  };
}

void PeakWatch::OnAllocation(double bytes) noexcept {
  if (step_ <= 0 || collecting_ || exhausted_ || InForkedChild()) return;
  since_forced_ += bytes;
  if (asked_ || since_forced_ < step_) return;
  asked_ = true;
  // By address of the isolate, not of this watch: it may be gone when the interrupt comes.
  host_.isolate()->RequestInterrupt(
      [](v8::Isolate* isolate, void*) {
        IsolateHost* host = IsolateHost::Of(isolate);
        if (host != nullptr && host->peak() != nullptr) host->peak()->Collect();
      },
      nullptr);
}

void PeakWatch::Collect() {
  asked_ = false;
  since_forced_ = 0;
  if (collections_ >= most_collections_) {
    exhausted_ = true;  // the bounds stay true, they only come no closer
    return;
  }
  collections_++;
  collecting_ = true;
  host_.isolate()->LowMemoryNotification();
  collecting_ = false;
  const Moment now = Now();
  const double live = now.used + now.buffers_live - start_.used - start_.buffers_live;
  if (live <= lower_) return;
  lower_ = live;
  if (host_.session() != nullptr) lower_seconds_ = host_.session()->Elapsed();
}

void PeakWatch::BeforeCollection(v8::GCType type) noexcept {
  if (IsCollection(type)) NoteUpper();
}

void PeakWatch::AfterCollection(v8::GCType type) noexcept {
  if (IsCollection(type)) after_collection_ = Now();
}

void PeakWatch::NoteUpper() {
  const Moment now = Now();
  const double buffers =
      after_collection_.buffers_live + (now.buffers_allocated - after_collection_.buffers_allocated);
  given_back_ += std::max(0.0, after_collection_.beside_young - now.beside_young);
  upper_ = std::max(upper_, now.used + given_back_ + buffers - start_.used - start_.buffers_live);
}

}  // namespace heapproof
