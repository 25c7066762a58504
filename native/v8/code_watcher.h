// Listens to the code that V8 compiles in one isolate, and answers "which function and line is at this address".
//
// V8 announces the line table of a function only when it compiles it, so watching begins when the add-on is loaded: of
// machine code, whose tables are told at no other time. Those of bytecode stay in memory (base/bytecode_lines.h), and are
// gone through when stacks are first to be walked: that takes as long as starting Node does, and a process may never get
// there. Until then V8 leaves most positions out, which it makes up for in bytecode, but not in machine code: that must be
// thrown away before (src/core/session/exact-lines.ts), or it knows the lines of calls alone.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <v8.h>

#include "../base/baseline_lines.h"
#include "../base/bytecode_lines.h"
#include "../base/bytecode_offset.h"
#include "../base/code_map.h"
#include "code_listeners.h"

namespace heapproof {

class CodeWatcher {
 public:
  explicit CodeWatcher(v8::Isolate* isolate)
      : isolate_(isolate), listeners_(isolate), map_([this](uint32_t function) { return IsAlive(function); }) {}
  ~CodeWatcher() { Stop(); }
  CodeWatcher(const CodeWatcher&) = delete;
  CodeWatcher& operator=(const CodeWatcher&) = delete;

  // From now on code is counted, and machine code is noted.
  void Start();
  void Stop();
  // Has V8 tell of the bytecode that there is, and of all code from now on with every position; once. Some 15 ms, more in
  // great programs, and it can allocate on the V8 heap.
  void NoteOlderCode();

  // The last thing before a collection, and the first behind it: nothing in between may collect by itself, or moved code
  // would be missed.
  void BeforeCollection(v8::GCType type);
  void AfterCollection();

  // From V8, on any thread that collects garbage.
  void OnEvent(const v8::JitCodeEvent* event);

  // Whether lines in Sparkplug's code can be told in this build of Node. Looks for what that needs, once: milliseconds.
  bool KnowsBaselineLines();

  // Appends the frames at `pc`, innermost first. Allocates nothing on the V8 heap; may be called while V8 allocates.
  void Find(uintptr_t pc, std::vector<RawFrame>& out);
  void FindGroup(uintptr_t pc, std::vector<CodeMap::GroupMember>& out);
  uint64_t Epoch();

  // The innermost address of a stack as it should be: see base/bytecode_offset.h.
  uintptr_t CorrectLeaf(const void* frame_pointer, uintptr_t pc);

  struct Place {
    uint32_t line = 0;  // from 1; 0 unknown
    uint32_t column = 0;
    bool approximate = true;  // the function's start, because the position itself is not known
  };
  struct Script {
    std::string url;
    std::string source_map_url;
  };

  // A function that somebody else has told of: info.script is V8's number of its script, or a negative number of the
  // caller's own choice for what is no script. Its position is that of its start.
  uint32_t InternFunction(const FunctionInfo& info, const std::string& url);

  // With `may_allocate` these two ask V8, which can allocate on its heap: never from a hook. Without, they answer with
  // what is known already.
  Place Resolve(RawFrame frame, bool may_allocate);
  Script DescribeScript(uint32_t function, bool may_allocate);

  size_t OwnMemory();

  FunctionInfo Function(uint32_t function);
  // Keeps the code of `function` alive until Unpin, so that its lines can still be looked up.
  // With `alive` false, which is for other threads, only what is known of it is kept.
  void Pin(uint32_t function, bool alive = true);
  void Unpin();

 private:
  // A handle on each function's code, by function index. Weak unless pinned: watching must not keep evaluated code
  // alive. One per function, not per script: a function that runs is alive, its neighbours need not be.
  struct FunctionHandle {
    v8::Global<v8::UnboundScript> handle;
    bool pinned = false;
    bool in_traces = false;
  };

  void CompileSomething();
  void ForgetDeadFunctions();
  void OnCodeAdded(const v8::JitCodeEvent* event);
  void NoteFunction(uint32_t function, v8::Local<v8::UnboundScript> code);
  void NoteUrl(int script, v8::Local<v8::UnboundScript> code, uintptr_t start);
  v8::Local<v8::UnboundScript> HandleOf(uint32_t function);
  bool IsAlive(uint32_t function) const { return function < handles_.size() && !handles_[function].handle.IsEmpty(); }

  v8::Isolate* const isolate_;
  CodeListeners listeners_;
  bool watching_ = false;
  bool knows_older_code_ = false;
  std::mutex mutex_;  // collector threads report moved code
  CodeMap map_;
  BytecodeOffset bytecode_offset_;
  BytecodeLines bytecode_lines_;
  BaselineLines baseline_lines_;
  std::unordered_map<int, std::string> script_urls_;
  std::vector<FunctionHandle> handles_;
  std::vector<uint32_t> pinned_;
  size_t look_for_dead_at_ = 20'000;  // number of functions
  uintptr_t being_added_ = 0;  // where the code is by now that V8 is just telling of
  std::string key_;  // of the function at hand, kept for its memory
  LineTable recording_;  // between "start line info" and "end line info"
  // Tables whose code has not been announced yet: V8 tells the tables of a whole script first, then its functions.
  std::unordered_map<uintptr_t, LineTable> recorded_;
};

}  // namespace heapproof
