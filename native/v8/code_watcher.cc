#include "code_watcher.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <unordered_set>

#include <v8-profiler.h>
#include <v8-version.h>

#include "isolate_host.h"

namespace heapproof {

namespace {

// V8 names code "JS:~parse file:///app/feed.js:41:17": kind, tier mark, function, script, start of the function. The mark
// is one of ~ ^ + *, behind an "o" where a loop was replaced while it ran, before a "'" where it knows its context.
// What is left after kind and mark is the same for all tiers of one function.
struct TierAndIdentity {
  char tier = 0;
  std::string_view identity;
};

TierAndIdentity SplitTier(std::string_view name) {
  const size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {0, name};
  name.remove_prefix(colon + 1);
  const auto is_mark = [](char c) { return c == '~' || c == '^' || c == '+' || c == '*'; };
  const size_t mark = name.size() > 1 && name[0] == 'o' && is_mark(name[1]) ? 1 : 0;
  if (name.size() <= mark || !is_mark(name[mark])) return {0, name};
  const char tier = name[mark];
  name.remove_prefix(mark + 1);
  if (!name.empty() && name.front() == '\'') name.remove_prefix(1);
  return {tier, name};
}

// The watcher of this thread's isolate: asked for at every event, and most events are single lines. Initial-exec, see
// sample_source.cc.
struct ThisThread {
  v8::Isolate* isolate = nullptr;
  CodeWatcher* watcher = nullptr;
};
__attribute__((tls_model("initial-exec"))) thread_local ThisThread this_thread;

// Found once for the process.
BytecodeSizes& TheBytecodeSizes() {
  static BytecodeSizes sizes;
  return sizes;
}

// Cuts ":<number>" off the end; 0 when there is none.
uint32_t TakeNumber(std::string_view& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return 0;
  uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, number);
  if (error != std::errc() || stop != end) return 0;
  text.remove_suffix(text.size() - colon);
  return number;
}

FunctionInfo ParseFunction(std::string_view identity, int script, std::string_view url) {
  FunctionInfo info;
  info.script = script;
  info.column = TakeNumber(identity);
  info.line = TakeNumber(identity);
  // V8 cuts very long names, so the script's address need not be there.
  if (identity.size() > url.size() && identity.substr(identity.size() - url.size()) == url) {
    identity.remove_suffix(url.size());
    if (!identity.empty() && identity.back() == ' ') identity.remove_suffix(1);
  } else {
    identity = identity.substr(0, identity.find(' '));
  }
  info.name = identity;
  return info;
}

std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (value.IsEmpty() || !value->IsString()) return "";
  const v8::String::Utf8Value text(isolate, value);
  return *text == nullptr ? "" : std::string(*text, text.length());
}

void OnJitCodeEvent(const v8::JitCodeEvent* event) {
  // Threads that help to collect have no watcher of their own.
  CodeWatcher* watcher = event->isolate == this_thread.isolate ? this_thread.watcher : nullptr;
  const bool is_code = event->type == v8::JitCodeEvent::CODE_ADDED && !event->script.IsEmpty();
  if (watcher == nullptr || is_code) {
    IsolateHost* host = IsolateHost::Of(event->isolate);
    if (host == nullptr) return;
    if (is_code) host->heap().CountCode(event->code_type == v8::JitCodeEvent::JIT_CODE);
    watcher = &host->code();
  }
  watcher->OnEvent(event);
}

}  // namespace

void CodeWatcher::Start() {
  if (watching_) return;
  watching_ = true;
  this_thread = {isolate_, this};
  listeners_.Join(OnJitCodeEvent);
}

// V8 announces the same machine code again that was seen being compiled, then without lines: that is left as it is known.
// Bytecode that was compiled without its positions gets them here: V8 parses its functions once more.
void CodeWatcher::NoteOlderCode() {
  if (knows_older_code_) return;
  knows_older_code_ = true;
  // Machine code keeps all its positions from now on; otherwise only those of calls, and of V8's Maglev none at all.
  v8::CpuProfiler::UseDetailedSourcePositionsForProfiling(isolate_);
  CompileSomething();
  {
    const std::lock_guard lock(mutex_);
    map_.MakeRoom();
  }
  listeners_.ListExisting();
}

// A function compiled under our eyes, to learn from it where V8 keeps line tables.
void CodeWatcher::CompileSomething() {
  const v8::HandleScope scope(isolate_);
  const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  if (context.IsEmpty()) return;
  const v8::TryCatch quiet(isolate_);
  const v8::Local<v8::String> source = v8::String::NewFromUtf8Literal(
      isolate_, "const a = [1, 2]\nconst b = { a }\nfor (const c of a) b.c = c\nb.d = a.concat(b.c)\n");
  const v8::Local<v8::String> name = v8::String::NewFromUtf8Literal(isolate_, "node:heapproof");
#if V8_MAJOR_VERSION < 12
  v8::ScriptOrigin origin(isolate_, name);
#else
  v8::ScriptOrigin origin(name);
#endif
  v8::ScriptCompiler::Source unit(source, origin);
  v8::Local<v8::UnboundScript> compiled;
  if (!v8::ScriptCompiler::CompileUnboundScript(isolate_, &unit).ToLocal(&compiled)) return;  // then nothing is learned
}

void CodeWatcher::Stop() {
  if (!watching_) return;
  watching_ = false;
  this_thread = {};
  listeners_.Leave();
}

// While anybody listens to code, V8 looks at each object that a collection moves, whether that is to be announced: a tenth
// of the work of a program whose objects survive. A scavenge moves nothing that is announced, and compiles nothing, so
// nobody listens meanwhile.
void CodeWatcher::BeforeCollection(v8::GCType type) {
  if (type == v8::kGCTypeScavenge) listeners_.Pause();
}

void CodeWatcher::AfterCollection() { listeners_.Resume(); }

void CodeWatcher::OnEvent(const v8::JitCodeEvent* event) {
  if (!knows_older_code_ && event->code_type == v8::JitCodeEvent::BYTE_CODE) return;
  try {
    switch (event->type) {
      case v8::JitCodeEvent::CODE_ADDED:
        OnCodeAdded(event);
        break;
      case v8::JitCodeEvent::CODE_MOVED: {
        const std::lock_guard lock(mutex_);
        const uintptr_t from = reinterpret_cast<uintptr_t>(event->code_start);
        const uintptr_t to = reinterpret_cast<uintptr_t>(event->new_code_start);
        if (from == being_added_) being_added_ = to;
        map_.Move(from, to);
        break;
      }
      case v8::JitCodeEvent::CODE_START_LINE_INFO_RECORDING:
        recording_.clear();
        // V8 passes the rest of the table on only when the listener has asked for it by setting this.
        const_cast<v8::JitCodeEvent*>(event)->user_data = this;
        break;
      case v8::JitCodeEvent::CODE_ADD_LINE_POS_INFO:
        if (event->line_info.position_type != v8::JitCodeEvent::POSITION) break;
        recording_.push_back({static_cast<uint32_t>(event->line_info.offset),
                              static_cast<int32_t>(event->line_info.pos)});
        break;
      case v8::JitCodeEvent::CODE_END_LINE_INFO_RECORDING:
        recorded_[reinterpret_cast<uintptr_t>(event->code_start)] = recording_;  // a copy has no room to spare
        break;
      default:
        break;
    }
  } catch (...) {
    // Out of memory while noting a function: it stays unknown. The program must not notice.
  }
}

void CodeWatcher::OnCodeAdded(const v8::JitCodeEvent* event) {
  uintptr_t start = reinterpret_cast<uintptr_t>(event->code_start);
  if (event->script.IsEmpty()) {
    const std::lock_guard lock(mutex_);
    return bytecode_offset_.NoteBuiltin({event->name.str, event->name.len}, start, event->code_len);
  }
  const v8::HandleScope scope(isolate_);
  const int script = event->script->GetId();
  const auto [tier, identity] = SplitTier({event->name.str, event->name.len});

  {
    const std::lock_guard lock(mutex_);
    if (map_.function_count() >= look_for_dead_at_) ForgetDeadFunctions();
  }
  NoteUrl(script, event->script, start);  // behind that: a script without a function yet counts as dead
  const std::lock_guard lock(mutex_);
  key_.assign(identity);
  key_.push_back('\0');
  key_ += std::to_string(script);
  uint32_t function = map_.KnownFunction(key_);
  if (function == 0) function = map_.InternFunction(key_, ParseFunction(identity, script, script_urls_[script]));
  NoteFunction(function, event->script);
  LineTable lines;
  if (auto recorded = recorded_.extract(start)) lines = std::move(recorded.mapped());
  start = being_added_;
  being_added_ = 0;
  constexpr char kSparkplug = '^';
  if (listeners_.is_listing() && lines.empty() && map_.Holds(start, event->code_len, function)) return;
  const CodeMap::Kind kind = event->code_type == v8::JitCodeEvent::BYTE_CODE ? CodeMap::Kind::kBytecode
                             : tier == kSparkplug                            ? CodeMap::Kind::kBaseline
                                                                             : CodeMap::Kind::kMachineCode;
  if (kind == CodeMap::Kind::kBytecode) {
    if (lines.empty()) lines = bytecode_lines_.Read(start, event->code_len);
    else bytecode_lines_.Learn(start, lines);
  }
  map_.Add(start, event->code_len, kind, function, std::move(lines));
}

uint32_t CodeWatcher::InternFunction(const FunctionInfo& info, const std::string& url) {
  const std::lock_guard lock(mutex_);
  script_urls_.try_emplace(info.script, url);
  // As V8 spells it, so that a function that was seen compiling is the same one.
  std::string key = info.name;
  if (!url.empty()) key += (key.empty() ? "" : " ") + url;
  key += ':' + std::to_string(info.line) + ':' + std::to_string(info.column);
  key.push_back('\0');
  key += std::to_string(info.script);
  const uint32_t function = map_.InternFunction(key, info);
  if (handles_.size() <= function) handles_.resize(function + 1);
  handles_[function].in_traces = true;
  return function;
}

// V8 may have to put the name together from parts first, as it does for evaluated code. That is an allocation: it may be
// one that is sampled, and it can collect garbage, so that code moves, perhaps the very one that is being added. Both
// come back to us, hence no lock.
void CodeWatcher::NoteUrl(int script, v8::Local<v8::UnboundScript> code, uintptr_t start) {
  {
    const std::lock_guard lock(mutex_);
    being_added_ = start;
    if (script_urls_.count(script) != 0) return;
  }
  const CodeListeners::BeingTold guard(listeners_);
  std::string url = ToUtf8(isolate_, code->GetScriptName());
  const std::lock_guard lock(mutex_);
  script_urls_.try_emplace(script, std::move(url));
}

void CodeWatcher::NoteFunction(uint32_t function, v8::Local<v8::UnboundScript> code) {
  if (handles_.size() <= function) handles_.resize(function + 1);
  FunctionHandle& entry = handles_[function];
  if (!entry.handle.IsEmpty()) return;
  entry.handle.Reset(isolate_, code);
  entry.handle.SetWeak();
  entry.pinned = false;
}

// A test runner evaluates the same modules again and again, a template engine makes functions all day: what we know of
// code that is gone must go as well. Looked for each time the number of functions has doubled.
void CodeWatcher::ForgetDeadFunctions() {
  std::vector<bool> dead(handles_.size());
  std::unordered_set<int> scripts;
  for (uint32_t function = 1; function < handles_.size(); function++) {
    dead[function] = handles_[function].handle.IsEmpty() && !handles_[function].in_traces;
    if (!dead[function]) scripts.insert(map_.function(function).script);
  }
  map_.Forget(dead);
  std::erase_if(script_urls_, [&](const auto& entry) { return scripts.count(entry.first) == 0; });
  look_for_dead_at_ = std::max<size_t>(look_for_dead_at_, map_.function_count() * 2);
}

bool CodeWatcher::KnowsBaselineLines() {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  static const bool found = TheBytecodeSizes().Find(reinterpret_cast<const void*>(&v8::V8::GetVersion));
  return found;
}

void CodeWatcher::Find(uintptr_t pc, std::vector<RawFrame>& out) {
  const std::lock_guard lock(mutex_);
  if (const CodeMap::Extent code = map_.BaselineToLearn(pc); code.size != 0) {
    map_.GiveLines(code.start,
                   baseline_lines_.Read(code.start, code.size, TheBytecodeSizes(), bytecode_lines_, map_));
  }
  map_.Find(pc, out);
}

void CodeWatcher::FindGroup(uintptr_t pc, std::vector<CodeMap::GroupMember>& out) {
  const std::lock_guard lock(mutex_);
  map_.FindGroup(pc, out);
}

uintptr_t CodeWatcher::CorrectLeaf(const void* frame_pointer, uintptr_t pc) {
  const std::lock_guard lock(mutex_);
  const CodeMap::Extent code = map_.BytecodeAt(pc);
  return code.size == 0 ? pc : bytecode_offset_.Correct(frame_pointer, pc, code.start, code.size);
}

uint64_t CodeWatcher::Epoch() {
  const std::lock_guard lock(mutex_);
  return map_.epoch();
}

size_t CodeWatcher::OwnMemory() {
  const std::lock_guard lock(mutex_);
  return map_.OwnMemory() + handles_.capacity() * sizeof(FunctionHandle) + pinned_.capacity() * sizeof(uint32_t);
}

FunctionInfo CodeWatcher::Function(uint32_t function) {
  const std::lock_guard lock(mutex_);
  const FunctionInfo& info = map_.function(function);
  return {info.name, info.script, info.line, info.column, {}};
}

void CodeWatcher::Pin(uint32_t function, bool alive) {
  const std::lock_guard lock(mutex_);
  FunctionHandle& entry = handles_[function];
  entry.in_traces = true;
  if (!alive || entry.pinned || entry.handle.IsEmpty()) return;
  entry.handle.ClearWeak<void>();
  entry.pinned = true;
  pinned_.push_back(function);
}

void CodeWatcher::Unpin() {
  const std::lock_guard lock(mutex_);
  for (const uint32_t function : pinned_) {
    handles_[function].handle.SetWeak();
    handles_[function].pinned = false;
  }
  pinned_.clear();
}

CodeWatcher::Place CodeWatcher::Resolve(RawFrame frame, bool may_allocate) {
  const FunctionInfo function = Function(frame.function);
  // The code of a module or script as a whole has no start of its own.
  const Place approximate = function.script < 0 ? Place()
                                                : Place{std::max(function.line, 1u), std::max(function.column, 1u), true};
  if (!may_allocate || frame.position == RawFrame::kNoPosition) return approximate;
  const v8::HandleScope scope(isolate_);
  const v8::Local<v8::UnboundScript> script = HandleOf(frame.function);
  if (script.IsEmpty()) return approximate;
  // Outside the lock: the first question builds the script's line table on the V8 heap, which can collect garbage,
  // whose threads report moved code to us.
  const int line = script->GetLineNumber(frame.position);
  const int column = script->GetColumnNumber(frame.position);
  if (line < 0 || column < 0) return approximate;
  return {static_cast<uint32_t>(line) + 1, static_cast<uint32_t>(column) + 1, frame.inferred};
}

CodeWatcher::Script CodeWatcher::DescribeScript(uint32_t function, bool may_allocate) {
  Script described;
  {
    const std::lock_guard lock(mutex_);
    described.url = script_urls_[map_.function(function).script];
  }
  if (!may_allocate) return described;
  const v8::HandleScope scope(isolate_);
  const v8::Local<v8::UnboundScript> code = HandleOf(function);
  if (code.IsEmpty()) return described;
  if (described.url.empty()) described.url = ToUtf8(isolate_, code->GetSourceURL());
  described.source_map_url = ToUtf8(isolate_, code->GetSourceMappingURL());
  return described;
}

v8::Local<v8::UnboundScript> CodeWatcher::HandleOf(uint32_t function) {
  const std::lock_guard lock(mutex_);
  return handles_[function].handle.Get(isolate_);
}

}  // namespace heapproof
