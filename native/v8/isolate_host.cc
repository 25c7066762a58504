#include "isolate_host.h"

#include <exception>
#include <mutex>
#include <unordered_map>

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

IsolateHost::IsolateHost(v8::Isolate* isolate)
    : isolate_(isolate),
      heap_(isolate),
      array_buffers_(std::make_unique<ArrayBufferCounter>(isolate)),
      code_(isolate) {
  isolate_->AddGCPrologueCallback(BeforeCollection, this);
  isolate_->AddGCEpilogueCallback(AfterCollection, this);
}

IsolateHost::~IsolateHost() {
  Stop();
  code_.Stop();
  isolate_->RemoveGCPrologueCallback(BeforeCollection, this);
  isolate_->RemoveGCEpilogueCallback(AfterCollection, this);
  ArrayBufferCounter::Retire(std::move(array_buffers_));
}

IsolateHost* IsolateHost::Of(v8::Isolate* isolate) {
  Registry& registry = TheRegistry();
  const std::lock_guard lock(registry.mutex);
  const auto found = registry.hosts.find(isolate);
  return found == registry.hosts.end() ? nullptr : found->second;
}

void IsolateHost::BeforeCollection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* data) {
  auto* host = static_cast<IsolateHost*>(data);
  host->heap_.BeforeCollection();
  if (host->session_) host->session_->BeforeCollection();
}

void IsolateHost::AfterCollection(v8::Isolate*, v8::GCType type, v8::GCCallbackFlags, void* data) {
  auto* host = static_cast<IsolateHost*>(data);
  host->heap_.AfterCollection(type);
  if (host->session_) host->session_->AfterCollection(type);
}

Totals IsolateHost::CurrentTotals() const {
  Totals totals;
  heap_.FillTotals(totals);
  array_buffers_->FillTotals(totals);
  return totals;
}

std::string IsolateHost::Start(const SessionOptions& options) {
  if (session_) return "already-profiling";
  try {
    code_.Start();
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
  session_.reset();
  return failure;
}

void IsolateHost::Drain() {
  if (session_) session_->Drain();
}

IsolateHost* Attach() {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  IsolateHost* host = IsolateHost::Of(isolate);
  if (host == nullptr) {
    host = new IsolateHost(isolate);
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
  into[kHeapBytes] = static_cast<double>(totals.heap_bytes);
  into[kCollections] = static_cast<double>(totals.collections);
  into[kMajorCollections] = static_cast<double>(totals.major_collections);
  into[kArrayBufferBytes] = static_cast<double>(totals.array_buffer_bytes);
  into[kArrayBufferCalls] = static_cast<double>(totals.array_buffer_calls);
  into[kArrayBufferFreedBytes] = static_cast<double>(totals.array_buffer_freed_bytes);
  into[kArrayBufferFrees] = static_cast<double>(totals.array_buffer_frees);
  into[kHeapUsed] = static_cast<double>(host->heap().Used());
}

void CollectGarbage(IsolateHost* host) { host->isolate()->LowMemoryNotification(); }
void WatchCode(IsolateHost* host) { host->code().Start(); }
std::string StartSession(IsolateHost* host, const SessionOptions& options) { return host->Start(options); }
std::string StopSession(IsolateHost* host) { return host->Stop(); }
void DrainSession(IsolateHost* host) { host->Drain(); }
bool HasSession(IsolateHost* host) { return host->has_session(); }

}  // namespace heapproof
