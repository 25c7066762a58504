// Takes the JavaScript stack of the running isolate without allocating on the V8 heap, and interns it.
#pragma once

#include <vector>

#include <v8.h>

#include "../base/trace_table.h"
#include "code_watcher.h"

namespace heapproof {

class StackWalker {
 public:
  StackWalker(v8::Isolate* isolate, CodeWatcher& code, size_t depth);

  // The trace of the stack as it is now, at most `depth` frames from the leaf. May be called from inside V8.
  uint32_t Walk(Domain domain, TraceTable& traces);

 private:
  struct CacheEntry {
    uintptr_t pc = 0;
    uint32_t frames[2] = {0, 0};
  };
  static constexpr size_t kCacheSize = 4096;

  const CacheEntry& FramesAt(uintptr_t pc, TraceTable& traces);

  v8::Isolate* const isolate_;
  CodeWatcher& code_;
  const size_t depth_;
  std::vector<void*> addresses_;
  std::vector<uint32_t> frames_;
  std::vector<RawFrame> found_;
  std::vector<CacheEntry> cache_;
  CacheEntry miss_;
  uint64_t cache_epoch_ = 0;
};

}  // namespace heapproof
