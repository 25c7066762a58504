// The glue: JavaScript values in, plain C++ values to v8/host.h. The callers in src/core validate; nothing here does,
// beyond the check that this binary belongs to this Node at all.
#include <algorithm>
#include <mutex>
#include <string>

#include <dlfcn.h>
#include <node_version.h>  // before napi.h, which settles NAPI_VERSION for good
#include <napi.h>
#include <uv.h>

#include "v8/host.h"
#include "v8/worker_totals.h"

namespace heapproof {

namespace {

IsolateHost* HostOf(const Napi::CallbackInfo& info) { return static_cast<IsolateHost*>(info.Data()); }

void ReadCountersInto(const Napi::CallbackInfo& info) {
  double* into = info[0].As<Napi::Float64Array>().Data();
  ReadCounters(HostOf(info), into);
  AddWorkerTotals(into);
}

void AddWorkersFrom(const Napi::CallbackInfo& info) {
  AddWorkers(info[0].IsUndefined() ? nullptr : static_cast<napi_value>(info[0]));
}

// Clean-up hooks run last first: before the one that takes the host away.
void ReportAtEnd(const Napi::CallbackInfo& info) {
  info.Env().AddCleanupHook(
      [](WorkerReport* report) {
        report->Deliver();
        delete report;
      },
      new WorkerReport(HostOf(info), info[0]));
}

void SetOursTo(const Napi::CallbackInfo& info) { SetOurs(HostOf(info), info[0].As<Napi::Boolean>().Value()); }

void CollectGarbageNow(const Napi::CallbackInfo& info) { CollectGarbage(HostOf(info)); }

void PostponeCollectionsFromNow(const Napi::CallbackInfo& info) { PostponeCollections(HostOf(info)); }

void BeginPageNow(const Napi::CallbackInfo& info) { BeginPage(HostOf(info)); }

void WatchCodeFromNow(const Napi::CallbackInfo& info) { WatchCode(HostOf(info)); }
void NoteOlderCodeNow(const Napi::CallbackInfo& info) { NoteOlderCode(HostOf(info)); }

Napi::Value KnowsBaselineLinesHere(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), KnowsBaselineLines(HostOf(info)));
}

// Reasons are values, not exceptions: an exception made here would belong to the wrong realm under a test runner.
Napi::Value Reason(Napi::Env env, const std::string& reason) {
  if (reason.empty()) return env.Undefined();
  return Napi::String::New(env, reason);
}

constexpr uint32_t kHeapBit = 1, kArrayBufferBit = 2, kNativeBit = 4;

// [interval], or [0, bound, probability, bound, probability, ...].
SamplingRule RuleFrom(const Napi::Float64Array& numbers) {
  SamplingRule rule;
  rule.interval = numbers[0];
  for (size_t i = 1; i + 1 < numbers.ElementLength(); i += 2) {
    rule.table.push_back({static_cast<uint64_t>(numbers[i]), numbers[i + 1]});
  }
  return rule;
}

// Of one file of a recording that need not be one: many times what a test makes of it.
constexpr size_t kMostInMemory = 1 << 20;

Napi::Value Start(const Napi::CallbackInfo& info) {
  const uint32_t domains = info[3].As<Napi::Number>().Uint32Value();
  SessionOptions options;
  options.metadata_fd = info[0].As<Napi::Number>().Int32Value();
  options.event_fd = info[1].As<Napi::Number>().Int32Value();
  options.header = info[2].As<Napi::String>().Utf8Value();
  options.heap = domains & kHeapBit;
  options.array_buffers = domains & kArrayBufferBit;
  options.native = domains & kNativeBit;
  options.depth = info[4].As<Napi::Number>().Uint32Value();
  options.source = static_cast<HeapSource>(info[5].As<Napi::Number>().Int32Value());
  options.rule = RuleFrom(info[6].As<Napi::Float64Array>());
  options.seed = static_cast<uint64_t>(info[7].As<Napi::Number>().DoubleValue());
  if (info[8].IsString()) options.file_base = info[8].As<Napi::String>().Utf8Value();
  options.most_in_memory = kMostInMemory;
  return Reason(info.Env(), StartSession(HostOf(info), options));
}

void HoldSamplerOf(const Napi::CallbackInfo& info) {
  HoldSampler(HostOf(info), info[0].As<Napi::Boolean>().Value());
}

void SwitchOffOption(const Napi::CallbackInfo& info) { SwitchOff(info[0].As<Napi::String>().Utf8Value()); }
void SetFlagsTo(const Napi::CallbackInfo& info) { SetFlags(info[0].As<Napi::String>().Utf8Value()); }

Napi::Value IsMainThread(const Napi::CallbackInfo& info) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(info.Env(), &loop);
  return Napi::Boolean::New(info.Env(), loop == uv_default_loop());
}

// What the main thread leaves for all threads of the process, now and later.
std::mutex shared_text_mutex;
std::string& SharedText() {
  static auto* text = new std::string();  // as long as the process: threads may end after static objects are gone
  return *text;
}

void ShareText(const Napi::CallbackInfo& info) {
  const std::lock_guard lock(shared_text_mutex);
  SharedText() = info[0].As<Napi::String>().Utf8Value();
}

Napi::Value SharedTextOf(const Napi::CallbackInfo& info) {
  const std::lock_guard lock(shared_text_mutex);
  return Napi::String::New(info.Env(), SharedText());
}

Napi::Float64Array ArrayOf(Napi::Env env, const std::vector<double>& numbers) {
  auto array = Napi::Float64Array::New(env, numbers.size());
  std::copy(numbers.begin(), numbers.end(), array.Data());
  return array;
}

Napi::Value RecordedSumsOf(const Napi::CallbackInfo& info) { return ArrayOf(info.Env(), RecordedSums(HostOf(info))); }

Napi::Value NamedSourceMapsOf(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), NamedSourceMaps(HostOf(info)));
}

Napi::Value ElapsedOf(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), Elapsed(HostOf(info)));
}

void Flush(const Napi::CallbackInfo& info) { DrainSession(HostOf(info)); }

Napi::Value Stop(const Napi::CallbackInfo& info) { return Reason(info.Env(), StopSession(HostOf(info))); }

Napi::Value Recorded(const Napi::CallbackInfo& info) {
  const std::vector<std::vector<uint8_t>> files = TakeRecording(HostOf(info));
  if (files.empty()) return info.Env().Undefined();
  auto list = Napi::Array::New(info.Env(), files.size());
  for (uint32_t i = 0; i < files.size(); i++) {
    list[i] = Napi::Buffer<uint8_t>::Copy(info.Env(), files[i].data(), files[i].size());
  }
  return list;
}

Napi::Value IsProfiling(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), IsBusy(HostOf(info)));
}

Napi::Value MetadataOf(const Napi::CallbackInfo& info) {
  const std::vector<uint8_t> bytes = Metadata(HostOf(info));
  return Napi::Buffer<uint8_t>::Copy(info.Env(), bytes.data(), bytes.size());
}

Napi::Value LiveTracesOf(const Napi::CallbackInfo& info) {
  return ArrayOf(info.Env(), LiveTraces(HostOf(info)));
}

Napi::Value TraceOfObject(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), TraceOf(HostOf(info), info[0]));
}

void TracedMemory(const Napi::CallbackInfo& info) {
  const LiveTotals totals = Live(HostOf(info));
  double* into = info[0].As<Napi::Float64Array>().Data();
  into[0] = totals.current;
  into[1] = totals.peak;
}

void ResetPeakOf(const Napi::CallbackInfo& info) { ResetPeak(HostOf(info)); }

void ClearTracesOf(const Napi::CallbackInfo& info) { ClearTraces(HostOf(info)); }

Napi::Value OwnMemoryOf(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), OwnMemory(HostOf(info)));
}

Napi::Value StartStatsOf(const Napi::CallbackInfo& info) {
  const uint32_t domains = info[0].As<Napi::Number>().Uint32Value();
  const StatsOptions options = {(domains & kHeapBit) != 0, (domains & kArrayBufferBit) != 0,
                                (domains & kNativeBit) != 0, info[1].As<Napi::Number>().Uint32Value()};
  return Reason(info.Env(), StartStats(HostOf(info), options));
}

void StopStatsOf(const Napi::CallbackInfo& info) { StopStats(HostOf(info), info[0].As<Napi::Float64Array>().Data()); }

Napi::Value StartPeakOf(const Napi::CallbackInfo& info) {
  const auto step = static_cast<uint64_t>(info[0].As<Napi::Number>().DoubleValue());
  return Reason(info.Env(), StartPeak(HostOf(info), step, info[1].As<Napi::Number>().Uint32Value()));
}

void StopPeakOf(const Napi::CallbackInfo& info) { StopPeak(HostOf(info), info[0].As<Napi::Float64Array>().Data()); }

Napi::Value CountNativeOf(const Napi::CallbackInfo& info) {
  return Reason(info.Env(), CountNative(HostOf(info), info[0].As<Napi::Boolean>().Value()));
}

// V8's structures differ between releases, and loading does not check that: a binary for another Node would read
// garbage instead of failing.
bool BelongsToThisNode(Napi::Env env) {
  const auto versions = env.Global().Get("process").As<Napi::Object>().Get("versions").As<Napi::Object>();
  const std::string running = versions.Get("modules").As<Napi::String>().Utf8Value();
  const std::string built = std::to_string(NODE_MODULE_VERSION);
  if (running == built) return true;
  Napi::Error::New(env, "this binary was built for Node " + std::to_string(NODE_MAJOR_VERSION) +
                            " (NODE_MODULE_VERSION " + built + "), and this is Node " +
                            versions.Get("node").As<Napi::String>().Utf8Value() + " (NODE_MODULE_VERSION " + running + ")")
      .ThrowAsJavaScriptException();
  return false;
}

// Worker threads unload add-ons when they end. Collector threads and patched tables may still be on their way through
// our code then, so the code stays.
void StayLoaded() {
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&StayLoaded), &self) != 0) {
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
}

}  // namespace

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (!BelongsToThisNode(env)) return exports;
  StayLoaded();
  IsolateHost* host = Attach();
  if (host == nullptr) {
    Napi::Error::New(env, "the ArrayBuffers of too many threads are being counted").ThrowAsJavaScriptException();
    return exports;
  }
  env.AddCleanupHook([](IsolateHost* h) { Detach(h); }, host);

  const auto method = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(env, function, name, host));
  };
  method("readCounters", ReadCountersInto);
  method("addWorkers", AddWorkersFrom);
  method("reportAtEnd", ReportAtEnd);
  method("collectGarbage", CollectGarbageNow);
  method("beginPage", BeginPageNow);
  method("postponeCollections", PostponeCollectionsFromNow);
  method("setOurs", SetOursTo);
  method("watchCode", WatchCodeFromNow);
  method("noteOlderCode", NoteOlderCodeNow);
  method("knowsBaselineLines", KnowsBaselineLinesHere);
  method("setFlags", SetFlagsTo);
  method("switchOff", SwitchOffOption);
  method("isMainThread", IsMainThread);
  method("shareText", ShareText);
  method("sharedText", SharedTextOf);
  method("start", Start);
  method("holdSampler", HoldSamplerOf);
  method("flush", Flush);
  method("stop", Stop);
  method("recorded", Recorded);
  method("recordedSums", RecordedSumsOf);
  method("namedSourceMaps", NamedSourceMapsOf);
  method("elapsed", ElapsedOf);
  method("isProfiling", IsProfiling);
  method("metadata", MetadataOf);
  method("liveTraces", LiveTracesOf);
  method("traceOf", TraceOfObject);
  method("tracedMemory", TracedMemory);
  method("resetPeak", ResetPeakOf);
  method("clearTraces", ClearTracesOf);
  method("ownMemory", OwnMemoryOf);
  method("startStats", StartStatsOf);
  method("stopStats", StopStatsOf);
  method("startPeak", StartPeakOf);
  method("stopPeak", StopPeakOf);
  method("countNative", CountNativeOf);
  return exports;
}

NODE_API_MODULE(heapproof, Init)

// By this name another copy in the process knows us: see base/loaded_object.h.
extern "C" __attribute__((visibility("default"), used)) const char heapproof_native_half = 1;

}  // namespace heapproof
