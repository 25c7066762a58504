#include "session.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <random>

#include "../base/clock.h"
#include "isolate_host.h"

namespace heapproof {

namespace {

constexpr size_t kDrainBytes = 64 << 10;
constexpr uint64_t kDrainMicroseconds = 200'000;
// A builtin that runs for long without an interrupt check (parsing a huge text) delays the drain; past this much, lines
// that are not known yet are given up for the start of their function, rather than let the buffer grow without bound.
constexpr size_t kForcedDrainBytes = 8 << 20;
constexpr size_t kMetadataBlockBytes = 1 << 20;
constexpr uint64_t kLargestPlausibleObject = uint64_t{1} << 40;

uint64_t RandomNumber() {
  std::random_device device;
  return static_cast<uint64_t>(device()) << 32 | device();
}

SessionId NewSessionId() {
  const uint64_t numbers[2] = {RandomNumber(), RandomNumber()};
  SessionId id;
  static_assert(sizeof id == sizeof numbers);
  std::memcpy(id.data(), numbers, sizeof numbers);
  return id;
}

}  // namespace

Session::Session(IsolateHost& host, const SessionOptions& options)
    : host_(host),
      options_(options),
      walker_(host.isolate(), host.code(), options.depth),
      buffer_sampler_(options.interval, RandomNumber()) {}

Session::~Session() { Unhook(); }

std::string Session::Start() {
  ours_ = true;  // until the files are there, nothing is recorded
  if (options_.heap) {
    const std::string problem = StartSamples(host_.isolate(), static_cast<uint64_t>(options_.interval), this);
    if (!problem.empty()) return problem;
  }
  hooked_ = true;
  start_nanoseconds_ = MonotonicNanoseconds();
  const SessionId session = NewSessionId();
  metadata_file_.Open(options_.metadata_fd, session);
  event_file_.Open(options_.event_fd, session);
  metadata_.Header(options_.header);
  if (options_.heap) events_.PoissonSampling(0, Domain::kHeap, options_.interval);
  if (options_.array_buffers) events_.PoissonSampling(0, Domain::kArrayBuffer, options_.interval);
  WriteOut(true);
  start_totals_ = host_.CurrentTotals();
  if (options_.array_buffers) host_.array_buffers().set_listener(this);
  ours_ = false;
  return "";
}

std::string Session::Stop() {
  try {
    if (failure_.empty()) {
      host_.array_buffers().DeliverQueuedFrees();
      CompletePendingSample();
      events_.Checkpoint(Now(), TotalsSinceStart());
    }
    WriteEnd(failure_);
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
  Unhook();
  host_.code().Unpin();
  metadata_file_.Close();
  event_file_.Close();
  return failure_;
}

void Session::WriteEnd(std::string_view reason) {
  if (ended_) return;
  ended_ = true;
  events_.End(Now(), reason);
  WriteOut(true);
}

// Puts back everything the recording had changed in the program. The files stay open: Stop still says how it ended.
void Session::Unhook() noexcept {
  if (!hooked_) return;
  hooked_ = false;
  ours_ = true;
  if (options_.array_buffers) host_.array_buffers().set_listener(nullptr);
  if (options_.heap) StopSamples(host_.isolate());
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

Totals Session::TotalsSinceStart() const { return host_.CurrentTotals().Since(start_totals_); }

void Session::OnSample(void* sample) noexcept {
  if (ours_) return;
  try {
    CompletePendingSample();
    const uint64_t now = Now();
    pending_ = {0, now, walker_.Walk(Domain::kHeap, traces_)};
    pending_sample_ = sample;
    AskForDrain();
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
}

void Session::CompletePendingSample() {
  if (pending_sample_ == nullptr) return;
  void* sample = pending_sample_;
  pending_sample_ = nullptr;
  pending_.size = SampleSize(sample);
  // The words of a sample are V8's business and could change in a release; a size like this says they did.
  if (pending_.size == 0 || pending_.size > kLargestPlausibleObject) return Fail("V8's samples have another form");
  events_.Allocation(pending_.time, pending_.trace, pending_.size);
  samples_.Insert(sample, pending_);
}

void Session::OnSampleGone(void* sample) noexcept {
  if (!failure_.empty()) return;
  try {
    CompletePendingSample();
    const auto found = samples_.Remove(sample);
    if (!found) return;
    const uint64_t now = collecting_ ? collection_start_ : Now();
    events_.Free(now, found->trace, found->size, now - found->time);
    AskForDrain();
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
}

void Session::OnBufferAllocated(void* data, size_t size) noexcept {
  if (ours_ || !buffer_sampler_.Choose(size)) return;
  try {
    // A buffer at this address may have been freed by another thread: that has to be told first.
    host_.array_buffers().DeliverQueuedFrees();
    CompletePendingSample();
    const uint64_t now = Now();
    const uint32_t trace = walker_.Walk(Domain::kArrayBuffer, traces_);
    events_.Allocation(now, trace, size);
    buffers_.Insert(data, {size, now, trace});
    AskForDrain();
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
}

void Session::OnBufferFreed(void* data, uint64_t nanoseconds) noexcept {
  if (!failure_.empty()) return;
  try {
    const auto found = buffers_.Remove(data);
    if (!found) return;
    CompletePendingSample();
    const uint64_t time = (nanoseconds - start_nanoseconds_) / 1000;
    events_.Free(time, found->trace, found->size, time - found->time);
    AskForDrain();
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
}

void Session::BeforeCollection() noexcept {
  try {
    CompletePendingSample();
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
  collection_start_ = Now();
  collecting_ = true;
}

void Session::AfterCollection(v8::GCType type) noexcept {
  collecting_ = false;
  if (!failure_.empty()) return;
  try {
    events_.Collection(collection_start_, type, Now() - collection_start_, host_.heap().used_before_collection(),
                       host_.heap().Used());
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
}

void Session::AskForDrain() {
  if (drain_asked_) {
    if (events_.pending().size() > kForcedDrainBytes) WriteOut(false);
    return;
  }
  const bool due = !failure_.empty() || events_.pending().size() >= kDrainBytes || Now() - last_drain_ >= kDrainMicroseconds;
  if (!due) return;
  drain_asked_ = true;
  // By address of the isolate, not of this session: it may be gone when the interrupt comes.
  host_.isolate()->RequestInterrupt(
      [](v8::Isolate* isolate, void*) {
        if (IsolateHost* host = IsolateHost::Of(isolate)) host->Drain();
      },
      nullptr);
}

void Session::Drain() {
  drain_asked_ = false;
  try {
    if (!failure_.empty()) {
      Unhook();
      return WriteEnd(failure_);
    }
    host_.array_buffers().DeliverQueuedFrees();
    CompletePendingSample();
    if (events_.pending().empty()) return;
    events_.Checkpoint(Now(), TotalsSinceStart());
    WriteOut(true);
  } catch (const std::exception&) {
    Fail("out of memory in the sampler");
  }
}

void Session::WriteOut(bool may_allocate) {
  const bool was_ours = ours_;
  ours_ = true;
  {
    const HeapCounter::Exclude exclude(host_.heap());
    DescribeNewTraces(may_allocate);
  }
  ours_ = was_ours;
  metadata_file_.Write(metadata_.pending());
  metadata_.Clear();
  // Only behind the traces its events name.
  event_file_.Write(events_.pending());
  events_.Clear();
  last_drain_ = Now();
  if (metadata_file_.failed()) Fail(metadata_file_.error().c_str());
  if (event_file_.failed()) Fail(event_file_.error().c_str());
  if (may_allocate) host_.code().Unpin();
}

void Session::DescribeNewTraces(bool may_allocate) {
  CodeWatcher& code = host_.code();
  const auto& frames = traces_.frames();
  for (; frames_written_ < frames.size(); frames_written_++) {
    const RawFrame& frame = frames[frames_written_];
    const uint32_t function = DescribeFunction(frame.function, may_allocate);
    const CodeWatcher::Place place = code.Resolve(frame, may_allocate);
    metadata_.Frame(place.approximate, function, place.line, place.column);
    if (metadata_.pending().size() > kMetadataBlockBytes) {
      metadata_file_.Write(metadata_.pending());
      metadata_.Clear();
    }
  }
  const auto& nodes = traces_.nodes();
  for (; nodes_written_ < nodes.size(); nodes_written_++) {
    metadata_.Node(nodes[nodes_written_].parent, nodes[nodes_written_].frame);
  }
  const auto& traces = traces_.traces();
  for (; traces_written_ < traces.size(); traces_written_++) {
    const TraceTable::Trace& trace = traces[traces_written_];
    metadata_.Trace(trace.cut, trace.domain, trace.node);
  }
}

uint32_t Session::DescribeFunction(uint32_t function, bool may_allocate) {
  const auto known = function_numbers_.find(function);
  if (known != function_numbers_.end()) return known->second;
  const FunctionInfo info = host_.code().Function(function);
  const auto [script, is_new] = script_numbers_.try_emplace(info.script, script_numbers_.size() + 1);
  if (is_new) {
    const CodeWatcher::Script described = host_.code().DescribeScript(function, may_allocate);
    metadata_.Script(described.url, described.source_map_url);
  }
  metadata_.Function(script->second, info.line, info.column, info.name);
  return function_numbers_[function] = static_cast<uint32_t>(function_numbers_.size() + 1);
}

}  // namespace heapproof
