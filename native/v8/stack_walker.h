// Takes the JavaScript stack of the running isolate without allocating on the V8 heap, and interns it.
#pragma once

#include <array>
#include <unordered_map>
#include <vector>

#include <v8.h>

#include "../base/trace_table.h"
#include "code_watcher.h"

namespace heapproof {

class StackWalker {
 public:
  StackWalker(v8::Isolate* isolate, CodeWatcher& code, size_t depth);

  // What is on the stack now, but for its innermost function, is left out of what is captured from now on: the same frames
  // in each stack, as long as they do not return. For a runner that records what it calls.
  void LeaveOutCallers();
  // Takes the addresses on the stack as it is now. May be called from inside V8.
  void Capture();
  // The trace of what was captured last, at most `depth` frames from the leaf. Before the next collection: bytecode
  // moves. `leaf`, when it is not 0, is put below what was captured. Away from the isolate's own thread nothing may be
  // pinned: then a place can only be told if its code is still there when it is next asked for.
  uint32_t Intern(Domain domain, TraceTable& traces, uint32_t leaf = 0, bool may_pin = true);
  uint32_t Walk(Domain domain, TraceTable& traces, uint32_t leaf = 0) {
    Capture();
    return Intern(domain, traces, leaf);
  }
  size_t OwnMemory() const;

 private:
  using Frames = std::array<uint32_t, 2>;  // 0 is none
  struct CacheEntry {
    uintptr_t pc = 0;
    Frames frames = {};
  };
  static constexpr uint32_t kGroup = UINT32_MAX;  // in the place of a first frame: it is in `groups_`
  static constexpr size_t kCacheSize = 4096;

  // Objects that are allocated at once. A sample of them is one of the first object or of another, as often as it has
  // bytes: of all samples each has its share, within one, whatever their order.
  struct Group {
    struct Member {
      uint32_t bytes;
      Frames frames;
    };
    std::vector<Member> members;
    uint32_t bytes = 0;
    uint32_t turn = 0;

    const Frames& Next();
  };

  const CacheEntry& FramesAt(uintptr_t pc, TraceTable& traces, bool is_leaf, bool may_pin);
  Frames InternFrames(const std::vector<RawFrame>& found, TraceTable& traces, bool may_pin);

  v8::Isolate* const isolate_;
  CodeWatcher& code_;
  const size_t depth_;
  std::vector<void*> addresses_;
  size_t captured_ = 0;
  bool cut_ = false;
  std::vector<void*> left_out_;
  std::vector<uint32_t> frames_;
  std::vector<RawFrame> found_;
  std::vector<CacheEntry> cache_;
  CacheEntry miss_;
  std::vector<CodeMap::GroupMember> group_;
  std::unordered_map<uintptr_t, Group> groups_;  // by address
  uint64_t cache_epoch_ = 0;
};

}  // namespace heapproof
