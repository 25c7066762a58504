#include "native_heap.h"

#include <exception>
#include <mutex>

#include "fork_guard.h"
#include "native_callers.h"
#include "native_hooks.h"
#include "native_samples.h"
#include "native_threads.h"

namespace heapproof {

namespace {

// How many want the hooks to be there.
std::mutex users_mutex;
int users = 0;

std::string AddUser() {
  const std::lock_guard lock(users_mutex);
  if (users == 0) {
    try {
      const std::string problem = InstallNativeHooks();
      if (!problem.empty()) return problem;
    } catch (const std::exception&) {
      return "out of memory in the sampler";
    }
  }
  users++;
  return "";
}

void RemoveUser() {
  const std::lock_guard lock(users_mutex);
  if (users > 0 && --users == 0) RemoveNativeHooks();
}

constexpr char kForked[] = "this process was forked from one that is being recorded";

}  // namespace

NativeHeap& TheNativeHeap() {
  static NativeHeap heap;
  return heap;
}

void NativeHeap::RegisterIsolateThread() {
  if (InForkedChild()) return;
  const NativeQuiet quiet;
  if (NativeThread* thread = ThisNativeThread()) SetOfIsolate(thread, true);
}

void NativeHeap::UnregisterIsolateThread() {
  if (InForkedChild()) return;
  const NativeQuiet quiet;
  if (NativeThread* thread = ThisNativeThread()) SetOfIsolate(thread, false);
}

std::string NativeHeap::CountOnly(bool on) {
  if (InForkedChild()) return kForked;
  const NativeQuiet quiet;
  if (on) return AddUser();
  RemoveUser();
  return "";
}

std::string NativeHeap::Attach(NativeListener* listener, const SamplingRule& rule, uint64_t seed) {
  if (InForkedChild()) return kForked;
  const NativeQuiet quiet;
  std::string problem = AddUser();
  if (!problem.empty()) return problem;
  try {
    problem = native_samples.Begin(listener, rule, seed);
  } catch (const std::exception&) {
    problem = "out of memory in the sampler";
  }
  if (!problem.empty()) RemoveUser();
  return problem;
}

void NativeHeap::Detach(NativeListener* listener) {
  if (InForkedChild()) return;
  const NativeQuiet quiet;
  if (native_samples.End(listener)) RemoveUser();
}

std::string NativeHeap::AttachSizes() {
  SamplingRule everything;
  everything.interval = 1;
  return Attach(nullptr, everything, 1);
}

void NativeHeap::DetachSizes() { Detach(nullptr); }

void NativeHeap::ReadSizes(NativeSizes& into) {
  if (InForkedChild()) return;
  const NativeQuiet quiet;
  native_samples.ReadSizes(into);
}

void NativeHeap::Refresh() { RefreshNativeHooks(); }

void NativeHeap::Deliver(NativeListener* listener) {
  if (InForkedChild()) return;
  const NativeQuiet quiet;
  native_samples.Deliver(listener);
}

uint64_t NativeHeap::Lost(NativeListener* listener) {
  if (InForkedChild()) return 0;
  const NativeQuiet quiet;
  return native_samples.Lost(listener);
}

NativeTotals NativeHeap::ForThisIsolate() {
  if (InForkedChild()) return {};
  const NativeQuiet quiet;
  const NativeThread* thread = ThisNativeThread();
  return TotalsForIsolateOf(thread);
}

std::string NativeHeap::ObjectPath(uint32_t object) {
  if (InForkedChild()) return "";
  const NativeQuiet quiet;
  return native_callers.Path(object);
}

size_t NativeHeap::OwnMemory(NativeListener* listener) {
  if (InForkedChild()) return 0;
  const NativeQuiet quiet;
  return native_samples.OwnMemory(listener);
}

}  // namespace heapproof
