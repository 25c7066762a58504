#include "sample_source.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <v8-profiler.h>

#include "../base/foreign_memory.h"
#include "../base/got_patch.h"

namespace heapproof {

namespace {

struct Block {
  void* caller;
  uint64_t* memory;
  size_t size;
};

// What `operator new` saw on this thread while we look for the call site. Fixed size: recording must not allocate.
struct Recording {
  std::array<Block, 8192> blocks;
  size_t count = 0;

  void Add(void* caller, void* memory, size_t size) {
    if (count < blocks.size()) blocks[count++] = {caller, static_cast<uint64_t*>(memory), size};
  }
  // Freed blocks must not be looked into later.
  void Drop(const void* memory) {
    for (size_t i = count; i-- > 0;) {
      if (blocks[i].memory != memory) continue;
      blocks[i].memory = nullptr;
      return;
    }
  }
};

// Initial-exec: the address is a constant offset from the thread pointer. The hooks run for every C++ allocation of
// the process, and the general model would call into the loader each time (and may allocate itself).
struct ThreadState {
  SampleListener* listener = nullptr;
  Recording* recording = nullptr;
};
__attribute__((tls_model("initial-exec"))) thread_local ThreadState tls;

using New = void* (*)(size_t);
using Delete = void (*)(void*);
using SizedDelete = void (*)(void*, size_t);

// Written before the table is patched, never cleared: a thread can still be inside a hook after the patch is removed.
New original_new = nullptr;
Delete original_delete = nullptr;
SizedDelete original_sized_delete = nullptr;

void* sample_site = nullptr;  // where V8 calls operator new for a sample
size_t sample_bytes = 0;      // how much it asks for
bool handles_known = false;   // where a sample has its object

// Where this thread has no use for it, the call is passed on as a jump: the caller's address is then right for another
// copy of this library that stands below.
__attribute__((noinline)) void* HookNew(size_t size) {
  if (__builtin_expect(tls.listener == nullptr && tls.recording == nullptr, 1)) return original_new(size);
  void* memory = original_new(size);
  if (tls.listener != nullptr) {
    if (__builtin_return_address(0) == sample_site) {
      *static_cast<uint64_t*>(memory) = 0;  // no object has this size: SampleSize tells when V8 has written it
      tls.listener->OnSample(memory);
    }
  } else {
    tls.recording->Add(__builtin_return_address(0), memory, size);
  }
  return memory;
}

void HookDelete(void* memory) {
  if (__builtin_expect(tls.listener != nullptr, 0)) {
    if (memory != nullptr) tls.listener->OnSampleGone(memory);
  } else if (__builtin_expect(tls.recording != nullptr, 0) && memory != nullptr) {
    tls.recording->Drop(memory);
  }
  original_delete(memory);
}

void HookSizedDelete(void* memory, size_t size) {
  if (__builtin_expect(tls.listener != nullptr, 0)) {
    if (size == sample_bytes) tls.listener->OnSampleGone(memory);
  } else if (__builtin_expect(tls.recording != nullptr, 0) && memory != nullptr) {
    tls.recording->Drop(memory);
  }
  original_sized_delete(memory, size);
}

std::mutex patch_mutex;
int patch_users = 0;
GotPatch& Patch() {
  static auto* patch = new GotPatch(GotPatch::Level::kUpper);  // never destroyed: other threads may outlive static destructors
  return *patch;
}

std::string AcquirePatch() {
  if (patch_users++ > 0) return "";
  const std::string problem = Patch().Install({
      {"_Znwm", reinterpret_cast<void*>(&HookNew), reinterpret_cast<void**>(&original_new), kExecutable, true},
      {"_ZdlPv", reinterpret_cast<void*>(&HookDelete), reinterpret_cast<void**>(&original_delete), kExecutable, true},
      {"_ZdlPvm", reinterpret_cast<void*>(&HookSizedDelete), reinterpret_cast<void**>(&original_sized_delete), kExecutable,
       false},
  });
  if (!problem.empty()) patch_users--;
  return problem;
}

void ReleasePatch() {
  if (--patch_users == 0) Patch().Remove();
}

constexpr int kTrials = 32;
constexpr size_t kHandleWord = 2;
constexpr size_t kIdWord = 4;
constexpr size_t kSmallestSample = (kIdWord + 1) * sizeof(uint64_t);

// The call site all of whose blocks are samples of the profile, if it is the only one.
bool FindSite(const Recording& recording, const std::vector<v8::AllocationProfile::Sample>& samples) {
  std::unordered_map<uint64_t, uint64_t> size_of;
  for (const auto& sample : samples) size_of[sample.sample_id] = sample.size;

  struct Tally {
    int matches = 0, others = 0;
    size_t bytes = 0;
  };
  std::unordered_map<void*, Tally> sites;
  for (size_t i = 0; i < recording.count; i++) {
    const Block& block = recording.blocks[i];
    if (block.memory == nullptr || block.size < kSmallestSample || block.size > 4 * kSmallestSample) continue;
    Tally& tally = sites[block.caller];
    const auto found = size_of.find(block.memory[kIdWord]);
    const bool match = found != size_of.end() && found->second == block.memory[0];
    (match ? tally.matches : tally.others)++;
    tally.bytes = block.size;
  }
  void* site = nullptr;
  for (const auto& [caller, tally] : sites) {
    if (tally.matches < kTrials || tally.others > 0) continue;
    if (site != nullptr) return false;
    site = caller;
    sample_bytes = tally.bytes;
  }
  sample_site = site;
  return site != nullptr;
}

bool HandleIs(const void* sample, v8::Local<v8::Value> object) {
  const auto* words = static_cast<const uint64_t*>(sample);
  return *reinterpret_cast<const v8::Global<v8::Value>*>(words + kHandleWord) == object;
}

// A handle is the address of a cell that V8 has the object's address in. Before any of them is followed, it is copied.
bool LooksLikeHandle(uint64_t word) {
  uintptr_t content = 0;
  return CopyIfReadable(word, &content, sizeof content) == sizeof content && IsPointer(content);
}

// Whether each of the objects has a sample with its handle.
template <typename Objects>
bool FindHandles(const Recording& recording, const Objects& objects) {
  std::vector<const void*> samples;
  for (size_t i = 0; i < recording.count; i++) {
    const Block& block = recording.blocks[i];
    if (block.caller != sample_site || block.memory == nullptr || !LooksLikeHandle(block.memory[kHandleWord])) continue;
    samples.push_back(block.memory);
  }
  return std::all_of(objects.begin(), objects.end(), [&](const auto& object) {
    return std::any_of(samples.begin(), samples.end(), [&](const void* sample) { return HandleIs(sample, object); });
  });
}

// Needs V8's profiler free. The handles keep the objects alive, and with them their samples.
std::string Calibrate(v8::Isolate* isolate) {
  if (sample_site != nullptr) return "";
  const v8::HandleScope scope(isolate);
  v8::HeapProfiler* profiler = isolate->GetHeapProfiler();
  const auto recording = std::make_unique<Recording>();
  tls.recording = recording.get();
  if (!profiler->StartSamplingHeapProfiler(1, 1)) {
    tls.recording = nullptr;
    return "busy";
  }
  std::array<v8::Local<v8::Value>, kTrials> objects;
  for (auto& object : objects) object = v8::Object::New(isolate);
  tls.recording = nullptr;
  const std::unique_ptr<v8::AllocationProfile> profile(profiler->GetAllocationProfile());
  const bool found = profile != nullptr && FindSite(*recording, profile->GetSamples());
  handles_known = found && FindHandles(*recording, objects);
  profiler->StopSamplingHeapProfiler();
  return found ? "" : "V8's samples were not recognised in this build of node";
}

}  // namespace

std::string StartSamples(v8::Isolate* isolate, uint64_t interval, SampleListener* listener) {
  const std::lock_guard lock(patch_mutex);
  std::string problem = AcquirePatch();
  if (!problem.empty()) return "unsupported: " + problem;
  problem = Calibrate(isolate);
  if (problem.empty()) {
    tls.listener = listener;
    // Depth 0: V8 walks the stack for each sample too, and we have no use for its stacks.
    if (isolate->GetHeapProfiler()->StartSamplingHeapProfiler(interval, 0)) return "";
    tls.listener = nullptr;
    problem = "busy";
  }
  ReleasePatch();
  return problem == "busy" ? "sampler-busy" : "unsupported: " + problem;
}

bool IsSampleOf(const void* sample, v8::Local<v8::Value> object) { return handles_known && HandleIs(sample, object); }

bool HoldSamples() {
  const std::lock_guard lock(patch_mutex);
  return AcquirePatch().empty();
}

void LetSamplesGo() {
  const std::lock_guard lock(patch_mutex);
  ReleasePatch();
}

void StopSamples(v8::Isolate* isolate) {
  tls.listener = nullptr;  // first: ending the profiler deletes all samples, which is not their objects' death
  isolate->GetHeapProfiler()->StopSamplingHeapProfiler();
  const std::lock_guard lock(patch_mutex);
  ReleasePatch();
}

}  // namespace heapproof
