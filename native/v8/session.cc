#include "session.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "../base/clock.h"
#include "../base/fresh_number.h"
#include "../base/json_text.h"
#include "isolate_host.h"

namespace heapproof {

namespace {

constexpr size_t kDrainBytes = 64 << 10;
constexpr uint64_t kDrainMicroseconds = 200'000;
// A builtin that runs for long without an interrupt check (parsing a huge text) delays the drain; past this much it is
// written with the lines that are known, rather than let the buffer grow without bound.
constexpr size_t kForcedDrainBytes = 8 << 20;
// After this long without a drain the thread must be blocked.
constexpr uint64_t kStuckMicroseconds = 500'000;
constexpr uint64_t kLargestPlausibleObject = uint64_t{1} << 40;

// Different for each use, and the same again for the same `seed`; 0 is no seed. Drawn, not computed: multiples of the
// step of Random would give neighbouring seeds the same numbers, one place on.
uint64_t SeedFor(uint64_t seed, uint64_t use) {
  return seed != 0 ? Random(seed * 4 + use).Next() : FreshNumber();
}

// As a key of a LiveSet, which expects addresses.
const void* KeyOf(uint64_t sample_id) { return reinterpret_cast<const void*>(sample_id << 4); }

}  // namespace

Session::Session(IsolateHost& host, const SessionOptions& options)
    : host_(host),
      options_(options),
      draw_(options.rule.DrawInterval()),
      walker_(host.isolate(), host.code(), options.depth),
      thinner_(options_.rule, SeedFor(options.seed, 1)),
      buffer_sampler_(options_.rule, SeedFor(options.seed, 2)),
      writer_(host.code(), traces_) {}

Session::~Session() { Unhook(); }

std::string Session::Start() {
  const std::lock_guard lock(mutex_);
  ours_ = true;  // until everything is in place, nothing is recorded
  hooked_ = true;
  if (options_.heap) {
    const std::string problem = StartHeap();
    if (!problem.empty()) return problem;
  }
  if (!options_.file_base.empty()) walker_.LeaveOutCallers();
  start_nanoseconds_ = MonotonicNanoseconds();
  start_wall_nanoseconds_ = WallNanoseconds();
  if (!options_.file_base.empty()) writer_.OpenMemory(options_.file_base, options_.most_in_memory, Header());
  else if (options_.metadata_fd >= 0) writer_.OpenFiles(options_.metadata_fd, options_.event_fd, Header());
  else writer_.OpenMemory(Header());
  EventLog& events = writer_.events();
  if (options_.heap) events.Sampling(0, Domain::kHeap, options_.rule, draw_);
  if (options_.array_buffers) events.Sampling(0, Domain::kArrayBuffer, options_.rule, 1);
  if (options_.native) events.Sampling(0, Domain::kNative, options_.rule, 1);
  WriteOut(true);
  if (options_.native) {
    const std::string problem = TheNativeHeap().Attach(this, options_.rule, SeedFor(options_.seed, 3));
    if (!problem.empty()) return "unsupported: " + problem;
    native_ = true;
  }
  start_totals_ = host_.CurrentTotals();
  if (options_.array_buffers) host_.array_buffers().set_listener(this);
  if (writer_.has_events()) StartWatching(this);
  ours_ = false;
  return "";
}

// The direct way shows every draw and every death at its moment, with lines; where it is not possible, the public way.
std::string Session::StartHeap() {
  host_.code().KnowsBaselineLines();  // looks for what that needs
  if (options_.source != HeapSource::kPolled) {
    const std::string problem = StartSamples(host_.isolate(), draw_, this);
    direct_ = problem.empty();
    if (direct_ || problem == "sampler-busy" || options_.source == HeapSource::kDirect) return problem;
    source_reason_ = problem.substr(problem.find(' ') + 1);  // without "unsupported:"
  } else {
    source_reason_ = "it was asked for";
  }
  polled_ = std::make_unique<PolledSource>(host_.isolate(), host_.code(), options_.depth, draw_);
  return polled_->Start();
}

// What JavaScript has written, and what is known only now.
std::string Session::Header() const {
  std::string json = options_.header;
  if (json.empty() || json.back() != '}') return json;
  json.pop_back();
  if (json.size() > 1) json += ',';
  json += "\"startTime\":" + MillisecondsText(start_wall_nanoseconds_);
  if (options_.heap) {
    json += ",\"source\":" + JsonText(direct_ ? "direct" : "polled") + ",\"sourceReason\":" + JsonText(source_reason_);
  }
  return json + '}';
}

std::string Session::Stop() {
  Protected([&] {
    if (failure_.empty()) {
      DeliverQueues();
      CompletePendingSample();
      Harvest();
      writer_.events().Checkpoint(Now(), TotalsSinceStart());
    }
    SumUp();
    WriteEnd(failure_);
  });
  Unhook();
  host_.code().Unpin();
  writer_.Close();
  return failure_;
}

// Before the sampler lets its samples go, which would look as if all objects were freed.
void Session::SumUp() {
  if (!is_summed() || !failure_.empty()) return;
  const Totals totals = TotalsSinceStart();
  numbers_ = {static_cast<double>(totals.heap_bytes), static_cast<double>(totals.array_buffer_bytes)};
  sums_.AppendTo(numbers_);
}

void Session::WriteEnd(std::string_view reason) {
  if (ended_) return;
  ended_ = true;
  writer_.events().End(Now(), reason);
  WriteOut(true);
}

// Puts back everything the recording had changed in the program. The files stay open: Stop still says how it ended.
void Session::Unhook() noexcept {
  if (!hooked_) return;
  hooked_ = false;
  StopWatching(this);  // before the lock: it waits for a tick that may be waiting for us
  const std::lock_guard lock(mutex_);
  ours_ = true;
  if (options_.array_buffers) host_.array_buffers().set_listener(nullptr);
  if (native_) TheNativeHeap().Detach(this);
  if (direct_) StopSamples(host_.isolate());
  if (polled_) polled_->Stop();
}

// Something of ours went wrong. The program goes on as if nobody had watched; Stop tells the reason. V8's profiler
// cannot be ended from inside one of its own calls, so that waits for the next drain.
void Session::Fail(const char* reason) noexcept {
  if (failure_.empty()) failure_ = reason;
  ours_ = true;
  pending_sample_ = nullptr;
  AskForDrain();
}

uint64_t Session::Now() const { return (MonotonicNanoseconds() - start_nanoseconds_) / 1000; }

Totals Session::TotalsSinceStart() const {
  Totals totals = host_.CurrentTotals().Since(start_totals_);
  if (polled_) totals.unseen_collections = polled_->skipped();
  return totals;
}

// How many allocations of its kind a recorded one stands for.
double Session::Scale(Domain domain, uint64_t size) const {
  const double p = domain == Domain::kHeap ? ThinnedProbability(options_.rule, draw_, size)
                                           : options_.rule.Probability(size);
  return p > 0 ? 1 / p : 1;
}

// Another thread may have read its clock before the recording began.
uint64_t Session::TimeOf(uint64_t nanoseconds) const {
  return nanoseconds < start_nanoseconds_ ? 0 : (nanoseconds - start_nanoseconds_) / 1000;
}

// Gives the sample the time that was written.
void Session::Allocated(Domain domain, LiveSample& sample, uint32_t thread) {
  sample.time = writer_.events().Allocation(sample.time, sample.trace, sample.size, thread);
  const double scale = Scale(domain, sample.size);
  live_.Add(sample.trace, sample.size, scale);
  if (is_summed()) sums_.Allocated(sample.trace, sample.size, scale);
}

void Session::Freed(Domain domain, const LiveSample& sample, uint64_t time, uint32_t thread) {
  writer_.events().Free(time, sample.trace, sample.size, sample.time, thread);
  const double scale = Scale(domain, sample.size);
  live_.Remove(sample.trace, sample.size, scale, sample.era);
  if (is_summed()) sums_.Freed(sample.trace, sample.size, scale);
}

void Session::OnSample(void* sample) noexcept {
  if (ours_) return;
  if (PeakWatch* peak = host_.peak()) peak->OnAllocation(static_cast<double>(draw_));
  Protected([&] {
    CompletePendingSample();
    walker_.Capture();
    pending_time_ = Now();
    pending_sample_ = sample;
    AskForDrain();
  });
}

// On the isolate's own thread: V8 has written the size by the time it does anything else.
void Session::CompletePendingSample() {
  if (pending_sample_ == nullptr) return;
  const uint64_t size = SampleSize(pending_sample_);
  // The words of a sample are V8's business and could change in a release; a size like this says they did.
  if (size == 0 || size > kLargestPlausibleObject) return Fail("V8's samples have another form");
  RecordPending(size, true);
}

// On another, where nobody knows how far V8 has got.
void Session::CompleteForBlockedThread() {
  if (pending_sample_ == nullptr) return;
  const uint64_t size = SampleSize(pending_sample_);
  if (size != 0 && size <= kLargestPlausibleObject) RecordPending(size, false);
}

void Session::RecordPending(uint64_t size, bool own_thread) {
  if (thinner_.Keep(size)) {
    LiveSample found = {size, pending_time_, walker_.Intern(Domain::kHeap, traces_, 0, own_thread), live_.era()};
    Allocated(Domain::kHeap, found);
    samples_.Insert(pending_sample_, found);
  }
  // Last: at any moment OnSampleGone finds it either here or awaited.
  pending_sample_.store(nullptr, std::memory_order_release);
}

// Called for nearly everything that V8 deletes: what is no sample must cost next to nothing.
void Session::OnSampleGone(void* sample) noexcept {
  if (sample != pending_sample_.load(std::memory_order_acquire) && !awaited_addresses.MayHold(sample)) return;
  Protected([&] {
    if (!failure_.empty() || (sample != pending_sample_ && !samples_.Contains(sample))) return;
    CompletePendingSample();
    const auto found = samples_.Remove(sample);
    if (!found) return;
    Freed(Domain::kHeap, *found, collecting_ ? collection_start_ : Now());
    AskForDrain();
  });
}

void Session::OnPolledAllocation(uint64_t id, uint64_t size, uint32_t trace) {
  if (ours_ || !thinner_.Keep(size)) return;
  LiveSample sample = {size, Now(), trace, live_.era()};
  Allocated(Domain::kHeap, sample);
  samples_.Insert(KeyOf(id), sample);
}

void Session::OnPolledFree(uint64_t id) {
  const auto found = samples_.Remove(KeyOf(id));
  if (found) Freed(Domain::kHeap, *found, collection_start_);
}

// May itself cause a collection, unless one follows anyway.
void Session::Harvest() {
  if (!polled_ || !failure_.empty() || ended_) return;
  const HeapCounter::Exclude exclude(host_.heap());
  polled_->Harvest(traces_, *this, false);
  if (polled_->lost()) Fail("somebody else ended V8's sampling heap profiler");
}

void Session::OnBufferAllocated(void* data, size_t size) noexcept {
  if (PeakWatch* peak = host_.peak()) peak->OnAllocation(static_cast<double>(size));
  if (ours_ || !buffer_sampler_.Choose(size)) return;
  Protected([&] {
    // A buffer at this address may have been freed by another thread: that has to be told first.
    host_.array_buffers().DeliverQueuedFrees();
    CompletePendingSample();
    LiveSample sample = {size, Now(), walker_.Walk(Domain::kArrayBuffer, traces_), live_.era()};
    Allocated(Domain::kArrayBuffer, sample);
    buffers_.Insert(data, sample);
    AskForDrain();
  });
}

void Session::OnBufferFreed(void* data, uint64_t nanoseconds) noexcept {
  Protected([&] {
    if (!failure_.empty()) return;
    const auto found = buffers_.Remove(data);
    if (!found) return;
    Freed(Domain::kArrayBuffer, *found, TimeOf(nanoseconds));
    AskForDrain();
  });
}

void Session::OnNativeAllocated(NativeSample& sample) noexcept {
  if (ours_) return;
  Protected([&] {
    if (sample.thread == 0) CompletePendingSample();  // the walk takes the place of what was captured for it
    LiveSample written = {sample.size, TimeOf(sample.nanoseconds), NativeTrace(sample)};
    Allocated(Domain::kNative, written, sample.thread);
    sample.trace = written.trace;
    sample.nanoseconds = std::max(sample.nanoseconds, start_nanoseconds_ + written.time * 1000);
    AskForDrain();
  });
}

// The loaded object is the leaf: the line of JavaScript that called it is known on the isolate's own thread only.
uint32_t Session::NativeTrace(const NativeSample& sample) {
  uint32_t& frame = object_frames_[sample.object];
  if (frame == 0) {
    FunctionInfo info;
    info.name = "(native)";
    info.script = -1 - static_cast<int>(sample.object);
    const uint32_t function = host_.code().InternFunction(info, TheNativeHeap().ObjectPath(sample.object));
    frame = traces_.InternFrame({function, RawFrame::kNoPosition});
  }
  if (sample.thread != 0) return traces_.InternTrace(Domain::kNative, &frame, 1, false);
  return walker_.Walk(Domain::kNative, traces_, frame);
}

void Session::OnNativeFreed(const NativeSample& sample, uint64_t nanoseconds) noexcept {
  if (sample.trace == 0) return;  // OnNativeAllocated failed
  Protected([&] {
    if (!failure_.empty()) return;
    const uint32_t era = sample.nanoseconds < cleared_nanoseconds_ ? live_.era() - 1 : live_.era();
    Freed(Domain::kNative, {sample.size, TimeOf(sample.nanoseconds), sample.trace, era}, TimeOf(nanoseconds),
          sample.thread);
    AskForDrain();
  });
}

void Session::BeforeCollection(v8::GCType type) noexcept {
  Protected([&] {
    CompletePendingSample();
    phase_start_ = Now();
    if (!IsCollection(type)) return;
    if (polled_ && ours_) polled_->Skip();  // the tables are being written out
    else if (polled_) polled_->Harvest(traces_, *this, true);
    AskForDrain();
    collection_start_ = phase_start_;
    collecting_ = true;
  });
}

void Session::AfterCollection(v8::GCType type) noexcept {
  Protected([&] {
    collecting_ = false;
    if (!failure_.empty()) return;
    writer_.events().Collection(phase_start_, type, Now() - phase_start_,
                                host_.heap().used_before_collection(), host_.heap().Used());
  });
}

void Session::AskForDrain() {
  if (drain_asked_ || ended_) {
    if (!ended_ && writer_.events().pending().size() > kForcedDrainBytes) WriteOut(false);
    return;
  }
  const bool due = !failure_.empty() || writer_.events().pending().size() >= kDrainBytes ||
                   Now() - last_drain_ >= kDrainMicroseconds;
  if (!due) return;
  RequestDrain();
}

// From any thread.
void Session::RequestDrain() {
  drain_asked_ = true;
  // By address of the isolate, not of this session: it may be gone when the interrupt comes.
  host_.isolate()->RequestInterrupt(
      [](v8::Isolate* isolate, void*) {
        if (IsolateHost* host = IsolateHost::Of(isolate)) host->Drain();
      },
      nullptr);
}

void Session::Drain() {
  bool failed = false;
  Protected([&] {
    drain_asked_ = false;
    failed = !failure_.empty();
    if (failed || ended_) return;
    if (writer_.has_events()) WatchSignals();
    if (native_) TheNativeHeap().Refresh();
    DeliverQueues();
    CompletePendingSample();
    if (polled_ && polled_->Affordable()) Harvest();
    if (!writer_.HasNews() && !writer_.OwesLines()) return;
    if (writer_.has_events()) writer_.events().Checkpoint(Now(), TotalsSinceStart());
    WriteOut(true);
  });
  if (!failed) return;
  Unhook();
  Protected([&] { WriteEnd(failure_); });
}

// What other threads have told.
void Session::DeliverQueues() {
  host_.array_buffers().DeliverQueuedFrees();
  if (native_) TheNativeHeap().Deliver(this);
}

// The thread has not written for long: it is blocked, or in one of V8's builtins, or has nothing to tell.
void Session::OnTick() noexcept {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || ours_ || ended_ || InForkedChild()) return;
  Protected([&] {
    DeliverQueues();
    if (Now() - last_drain_ < kStuckMicroseconds) return;
    CompleteForBlockedThread();
    if (writer_.HasNews()) WriteOut(false);
    if (polled_ && !drain_asked_) RequestDrain();  // a thread in a loop that allocates nothing: only there V8 can be asked
  });
}

// Not the counters: V8 tells them to its own thread only, so the last ones written stand. Nothing comes after the end.
bool Session::OnEnding(int milliseconds) noexcept {
  std::unique_lock lock(mutex_, std::try_to_lock);
  for (; !lock && milliseconds > 0; milliseconds--) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    (void)lock.try_lock();
  }
  if (!lock) return false;
  Protected([&] {
    if (ended_) return;
    ours_ = true;
    ended_ = true;
    DeliverQueues();
    CompleteForBlockedThread();
    writer_.events().End(Now(), failure_);
    WriteOut(false);
  });
  return true;
}

void Session::WriteOut(bool may_allocate) {
  if (may_allocate) {
    const bool was_ours = ours_.exchange(true);
    const HeapCounter::Exclude exclude(host_.heap());
    writer_.WriteOut(true);
    ours_ = was_ours;
  } else {
    writer_.WriteOut(false);
  }
  last_drain_ = Now();
  if (!writer_.error().empty()) Fail(writer_.error().c_str());
}

}  // namespace heapproof
