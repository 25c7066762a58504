#include "isolate_host.h"

#include <cstring>
#include <exception>
#include <mutex>
#include <unordered_map>

#include "../base/awaited_addresses.h"
#include "../base/fork_guard.h"
#include "../base/native_heap.h"
#include "sample_source.h"
#include "switches.h"

namespace heapproof {

namespace {

// Kept for the life of the process: garbage collector threads ask for their host at any time.
struct Registry {
  std::mutex mutex;
  std::unordered_map<v8::Isolate*, IsolateHost*> hosts;
};

Registry& TheRegistry() {
  static auto* registry = new Registry();
  return *registry;
}

}  // namespace

IsolateHost::IsolateHost(v8::Isolate* isolate, ArrayBufferCounter* array_buffers)
    : isolate_(isolate), heap_(isolate), array_buffers_(array_buffers), code_(isolate) {
  TheNativeHeap().RegisterIsolateThread();
  isolate_->AddGCPrologueCallback(BeforeCollection, this);
  isolate_->AddGCEpilogueCallback(AfterCollection, this);
}

IsolateHost::~IsolateHost() {
  Stop();
  stats_.reset();
  peak_.reset();
  code_.Stop();
  isolate_->RemoveGCPrologueCallback(BeforeCollection, this);
  isolate_->RemoveGCEpilogueCallback(AfterCollection, this);
  while (native_counts_ > 0) CountNative(false);
  HoldSampler(false);
  TheNativeHeap().UnregisterIsolateThread();
  ArrayBufferCounter::Retire(array_buffers_);
}

IsolateHost* IsolateHost::Of(v8::Isolate* isolate) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto found = registry.hosts.find(isolate);
  return found == registry.hosts.end() ? nullptr : found->second;
}

void IsolateHost::BeforeCollection(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* host = static_cast<IsolateHost*>(data);
  host->heap_.BeforeCollection();
  if (host->session_) host->session_->BeforeCollection(type);
  if (host->stats_) host->stats_->BeforeCollection(type);
  if (host->peak_) host->peak_->BeforeCollection(type);
  host->code_.BeforeCollection(type);
}

void IsolateHost::AfterCollection(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* host = static_cast<IsolateHost*>(data);
  host->code_.AfterCollection();
  host->heap_.AfterCollection(type);
  if (host->session_) host->session_->AfterCollection(type);
  if (host->peak_) host->peak_->AfterCollection(type);
}

Totals IsolateHost::CurrentTotals() const {
  Totals totals;
  heap_.FillTotals(totals);
  array_buffers_->FillTotals(totals);
  const NativeTotals native = TheNativeHeap().ForThisIsolate();
  totals.native_bytes = native.bytes;
  totals.native_calls = native.calls;
  totals.native_frees = native.frees;
  return totals;
}

void IsolateHost::NoteOlderCode() {
  code_.Start();
  const HeapCounter::Exclude ours(heap_);
  code_.NoteOlderCode();
}

std::string IsolateHost::Start(const SessionOptions& options) {
  if (is_busy()) return "already-profiling";
  try {
    WatchForForks();
    NoteOlderCode();
    auto session = std::make_unique<Session>(*this, options);
    std::string problem = session->Start();
    if (problem.empty()) session_ = std::move(session);
    return problem;
  } catch (const std::exception& error) {
    return std::string("sampler-failed: ") + error.what();
  }
}

std::string IsolateHost::Stop() {
  if (!session_) return "";
  std::string failure = session_->Stop();
  named_source_maps_ = session_->names_source_maps();
  recorded_sums_ = session_->TakeSums();
  recorded_ = session_->TakeMemory();
  session_.reset();
  return failure;
}

std::string IsolateHost::StartStats(const StatsOptions& options) {
  if (is_busy()) return "already-profiling";
  try {
    WatchForForks();
    auto stats = std::make_unique<SizeStats>(*this, options);
    std::string problem = stats->Start();
    if (problem.empty()) stats_ = std::move(stats);
    return problem;
  } catch (const std::exception& error) {
    return std::string("sampler-failed: ") + error.what();
  }
}

void IsolateHost::StopStats(double* into) {
  if (!stats_) return;
  stats_->Stop(into);
  stats_.reset();
}

std::string IsolateHost::StartPeak(uint64_t step, uint32_t most_collections) {
  if (peak_ != nullptr) return "already-profiling";
  try {
    auto peak = std::make_unique<PeakWatch>(*this, step, most_collections);
    std::string problem = peak->Start();
    if (problem.empty()) peak_ = std::move(peak);
    return problem;
  } catch (const std::exception& error) {
    return std::string("sampler-failed: ") + error.what();
  }
}

void IsolateHost::StopPeak(double* into) {
  if (!peak_) return;
  peak_->Stop(into);
  peak_.reset();
}

void IsolateHost::SetOurs(bool on) {
  ours_ += on ? 1 : -1;
  if (ours_ != (on ? 1 : 0)) return;
  if (session_) session_->SetOurs(on);
  array_buffers_->set_ours(on);
  if (on) exclude_.emplace(heap_);
  else exclude_.reset();
}

void IsolateHost::BeginPage() {
  SetOurs(true);
  heap_.BeginPage();
  SetOurs(false);
}

std::string IsolateHost::CountNative(bool on) {
  if (!on && native_counts_ == 0) return "";
  const std::string problem = TheNativeHeap().CountOnly(on);
  if (problem.empty()) native_counts_ += on ? 1 : -1;
  return problem.empty() ? "" : "unsupported: " + problem;
}

void IsolateHost::HoldSampler(bool on) {
  if (on == held_) return;
  held_ = on;
  if (on) {
    holds_sampler_ = HoldSamples();
    awaited_addresses.Keep(true);
    StartWatching(&no_recording_);
  } else {
    StopWatching(&no_recording_);
    awaited_addresses.Keep(false);
    if (holds_sampler_) LetSamplesGo();
    holds_sampler_ = false;
  }
}

size_t IsolateHost::OwnMemory() {
  return code_.OwnMemory() + (session_ ? session_->OwnMemory() : 0) + (stats_ ? sizeof(SizeStats) : 0);
}

void IsolateHost::Drain() {
  if (session_) session_->Drain();
}

IsolateHost* Attach() {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  IsolateHost* host = IsolateHost::Of(isolate);
  if (host == nullptr) {
    ArrayBufferCounter* array_buffers = ArrayBufferCounter::InFrontOf(isolate);
    if (array_buffers == nullptr) return nullptr;
    host = new IsolateHost(isolate, array_buffers);
    Registry& registry = TheRegistry();
    const std::lock_guard lock(registry.mutex);
    registry.hosts[isolate] = host;
  }
  host->users++;
  return host;
}

void Detach(IsolateHost* host) {
  if (--host->users > 0) return;
  host->Stop();
  host->code().Stop();
  {
    Registry& registry = TheRegistry();
    const std::lock_guard lock(registry.mutex);
    registry.hosts.erase(host->isolate());
  }
  delete host;
}

void ReadCounters(IsolateHost* host, double* into) {
  const Totals totals = host->CurrentTotals();
  into[kHeapBytes] = static_cast<double>(static_cast<int64_t>(totals.heap_bytes));  // right after loading below 0, rarely
  into[kCollections] = static_cast<double>(totals.collections);
  into[kMajorCollections] = static_cast<double>(totals.major_collections);
  into[kArrayBufferBytes] = static_cast<double>(totals.array_buffer_bytes);
  into[kArrayBufferCalls] = static_cast<double>(totals.array_buffer_calls);
  into[kArrayBufferFreedBytes] = static_cast<double>(totals.array_buffer_freed_bytes);
  into[kArrayBufferFrees] = static_cast<double>(totals.array_buffer_frees);
  into[kHeapUsed] = static_cast<double>(host->heap().Used());
  into[kYoungBytes] = static_cast<double>(static_cast<int64_t>(host->heap().AllocatedYoung()));
  into[kOldBytes] = static_cast<double>(static_cast<int64_t>(host->heap().AllocatedOld()));
  into[kInstalled] = static_cast<double>(host->heap().installed());
  into[kCompiled] = static_cast<double>(host->heap().compiled());
  into[kNativeBytes] = static_cast<double>(totals.native_bytes);
  into[kNativeCalls] = static_cast<double>(totals.native_calls);
  into[kNativeFrees] = static_cast<double>(totals.native_frees);
  into[kMarkings] = static_cast<double>(host->heap().markings());
}

bool NamedSourceMaps(IsolateHost* host) { return host->named_source_maps(); }
double Elapsed(IsolateHost* host) { return host->session() ? host->session()->Elapsed() : 0; }
void SetFlags(const std::string& flags) {
  v8::V8::SetFlagsFromString(flags.data(), flags.size());
  HideSwitches();
}
void CollectGarbage(IsolateHost* host) { host->isolate()->LowMemoryNotification(); }
void BeginPage(IsolateHost* host) { host->BeginPage(); }
void PostponeCollections(IsolateHost* host) { host->PostponeCollections(); }
void SetOurs(IsolateHost* host, bool on) { host->SetOurs(on); }
void WatchCode(IsolateHost* host) { host->code().Start(); }
void NoteOlderCode(IsolateHost* host) { host->NoteOlderCode(); }
bool KnowsBaselineLines(IsolateHost* host) { return host->code().KnowsBaselineLines(); }
std::string StartSession(IsolateHost* host, const SessionOptions& options) { return host->Start(options); }
std::string StopSession(IsolateHost* host) { return host->Stop(); }
void DrainSession(IsolateHost* host) { host->Drain(); }
const std::vector<double>& RecordedSums(IsolateHost* host) { return host->recorded_sums(); }
std::vector<std::vector<uint8_t>> TakeRecording(IsolateHost* host) { return host->TakeRecording(); }
void HoldSampler(IsolateHost* host, bool on) { host->HoldSampler(on); }
bool IsBusy(IsolateHost* host) { return host->is_busy(); }

std::vector<uint8_t> Metadata(IsolateHost* host) {
  return host->session() ? host->session()->Metadata() : std::vector<uint8_t>();
}
std::vector<double> LiveTraces(IsolateHost* host) {
  return host->session() ? host->session()->LiveTraces() : std::vector<double>();
}
uint32_t TraceOf(IsolateHost* host, napi_value__* object) {
  if (!host->session()) return 0;
  // Node's js_native_api_v8.h makes the one out of the other in the same way.
  v8::Local<v8::Value> local;
  static_assert(sizeof local == sizeof object);
  std::memcpy(static_cast<void*>(&local), &object, sizeof local);
  return host->session()->TraceOf(local);
}
LiveTotals Live(IsolateHost* host) { return host->session() ? host->session()->Live() : LiveTotals(); }
void ResetPeak(IsolateHost* host) {
  if (host->session()) host->session()->ResetPeak();
}
void ClearTraces(IsolateHost* host) {
  if (host->session()) host->session()->ClearTraces();
}
double OwnMemory(IsolateHost* host) { return static_cast<double>(host->OwnMemory()); }

std::string StartStats(IsolateHost* host, const StatsOptions& options) { return host->StartStats(options); }
void StopStats(IsolateHost* host, double* into) { host->StopStats(into); }
std::string StartPeak(IsolateHost* host, uint64_t step, uint32_t most_collections) {
  return host->StartPeak(step, most_collections);
}
void StopPeak(IsolateHost* host, double* into) { host->StopPeak(into); }
std::string CountNative(IsolateHost* host, bool on) { return host->CountNative(on); }

}  // namespace heapproof
