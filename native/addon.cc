// The glue: JavaScript values in, plain C++ values to v8/host.h. The callers in src/core validate; nothing here does,
// beyond the check that this binary belongs to this Node at all.
#include <string>

#include <dlfcn.h>
#include <node_version.h>  // before napi.h, which settles NAPI_VERSION for good
#include <napi.h>

#include "v8/host.h"

namespace heapproof {

namespace {

IsolateHost* HostOf(const Napi::CallbackInfo& info) { return static_cast<IsolateHost*>(info.Data()); }

void ReadCountersInto(const Napi::CallbackInfo& info) {
  ReadCounters(HostOf(info), info[0].As<Napi::Float64Array>().Data());
}

void CollectGarbageNow(const Napi::CallbackInfo& info) { CollectGarbage(HostOf(info)); }

void WatchCodeFromNow(const Napi::CallbackInfo& info) { WatchCode(HostOf(info)); }

// Reasons are values, not exceptions: an exception made here would belong to the wrong realm under a test runner.
Napi::Value Reason(Napi::Env env, const std::string& reason) {
  if (reason.empty()) return env.Undefined();
  return Napi::String::New(env, reason);
}

Napi::Value Start(const Napi::CallbackInfo& info) {
  constexpr uint32_t kHeapBit = 1, kArrayBufferBit = 2;
  const uint32_t domains = info[5].As<Napi::Number>().Uint32Value();
  SessionOptions options;
  options.metadata_fd = info[0].As<Napi::Number>().Int32Value();
  options.event_fd = info[1].As<Napi::Number>().Int32Value();
  options.header = info[2].As<Napi::String>().Utf8Value();
  options.interval = info[3].As<Napi::Number>().DoubleValue();
  options.depth = info[4].As<Napi::Number>().Uint32Value();
  options.heap = domains & kHeapBit;
  options.array_buffers = domains & kArrayBufferBit;
  return Reason(info.Env(), StartSession(HostOf(info), options));
}

void Flush(const Napi::CallbackInfo& info) { DrainSession(HostOf(info)); }

Napi::Value Stop(const Napi::CallbackInfo& info) { return Reason(info.Env(), StopSession(HostOf(info))); }

Napi::Value IsProfiling(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), HasSession(HostOf(info)));
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
  env.AddCleanupHook([](IsolateHost* h) { Detach(h); }, host);

  const auto method = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(env, function, name, host));
  };
  method("readCounters", ReadCountersInto);
  method("collectGarbage", CollectGarbageNow);
  method("watchCode", WatchCodeFromNow);
  method("start", Start);
  method("flush", Flush);
  method("stop", Stop);
  method("isProfiling", IsProfiling);
  return exports;
}

NODE_API_MODULE(heapproof, Init)

}  // namespace heapproof
