#include "stack_walker.h"

namespace heapproof {

namespace {

// V8's list has builtins and stubs between the functions, which we do not keep; room for them, so that `depth`
// functions are still found below them.
size_t AddressesFor(size_t depth) { return depth * 2 + 32; }

v8::RegisterState HereForTheWalker() {
  v8::RegisterState state;
  state.pc = __builtin_return_address(0);
  state.sp = __builtin_frame_address(0);
  state.fp = __builtin_frame_address(0);
  return state;
}

}  // namespace

StackWalker::StackWalker(v8::Isolate* isolate, CodeWatcher& code, size_t depth)
    : isolate_(isolate), code_(code), depth_(depth), addresses_(AddressesFor(depth)), cache_(kCacheSize) {
  frames_.reserve(depth + 1);
  found_.reserve(4);
}

void StackWalker::LeaveOutCallers() {
  Capture();
  if (captured_ > 1 && !cut_) left_out_.assign(addresses_.begin() + 1, addresses_.begin() + static_cast<ptrdiff_t>(captured_));
}

void StackWalker::Capture() {
  v8::SampleInfo info{};
  isolate_->GetStackSample(HereForTheWalker(), addresses_.data(), addresses_.size(), &info);
  captured_ = info.frames_count;
  cut_ = captured_ >= addresses_.size();
  // From the root: what has returned meanwhile, or continued elsewhere, is no caller any more, nor is what it had called.
  for (auto caller = left_out_.rbegin(); caller != left_out_.rend() && captured_ > 0; caller++, captured_--) {
    if (*caller != addresses_[captured_ - 1]) break;
  }
  if (captured_ == 0) return;
  const uintptr_t leaf = reinterpret_cast<uintptr_t>(addresses_[0]);
  addresses_[0] = reinterpret_cast<void*>(code_.CorrectLeaf(__builtin_frame_address(0), leaf));
}

uint32_t StackWalker::Intern(Domain domain, TraceTable& traces, uint32_t leaf, bool may_pin) {
  const uint64_t epoch = code_.Epoch();
  if (epoch != cache_epoch_) {
    cache_.assign(kCacheSize, CacheEntry());
    groups_.clear();
    cache_epoch_ = epoch;
  }
  frames_.clear();
  if (leaf != 0) frames_.push_back(leaf);
  bool cut = cut_;
  for (size_t i = 0; i < captured_; i++) {
    const CacheEntry& entry = FramesAt(reinterpret_cast<uintptr_t>(addresses_[i]), traces, i == 0, may_pin);
    for (const uint32_t frame : entry.frames[0] == kGroup ? groups_[entry.pc].Next() : entry.frames) {
      if (frame == 0) continue;
      if (frames_.size() == depth_) cut = true;
      else frames_.push_back(frame);
    }
    if (frames_.size() == depth_ && cut) break;
  }
  return traces.InternTrace(domain, frames_.data(), frames_.size(), cut);
}

size_t StackWalker::OwnMemory() const {
  constexpr size_t kHashNode = 24;
  size_t bytes = addresses_.capacity() * sizeof(void*) + frames_.capacity() * sizeof(uint32_t) +
                 cache_.capacity() * sizeof(CacheEntry);
  for (const auto& [pc, group] : groups_) {
    bytes += kHashNode + sizeof group + group.members.capacity() * sizeof(Group::Member);
  }
  return bytes;
}

const StackWalker::CacheEntry& StackWalker::FramesAt(uintptr_t pc, TraceTable& traces, bool is_leaf, bool may_pin) {
  CacheEntry& entry = cache_[(pc ^ pc >> 12) % kCacheSize];
  if (entry.pc == pc) return entry;
  found_.clear();
  code_.Find(pc, found_);
  // An address without an answer is not remembered: the code there may still be announced.
  if (found_.empty()) return miss_;
  entry = {pc, InternFrames(found_, traces, may_pin)};
  if (!is_leaf) return entry;  // nothing else is the address of an allocation
  group_.clear();
  code_.FindGroup(pc, group_);
  if (group_.empty()) return entry;
  entry.frames[0] = kGroup;
  Group group;
  for (const CodeMap::GroupMember& member : group_) {
    group.bytes += member.bytes;
    group.members.push_back({member.bytes, InternFrames(member.frames, traces, may_pin)});
  }
  groups_[pc] = std::move(group);
  return entry;
}

StackWalker::Frames StackWalker::InternFrames(const std::vector<RawFrame>& found, TraceTable& traces, bool may_pin) {
  Frames frames = {};
  for (size_t i = 0; i < found.size() && i < frames.size(); i++) {
    code_.Pin(found[i].function, may_pin);
    frames[i] = traces.InternFrame(found[i]);
  }
  return frames;
}

// Multiples of the golden section, of which only what is behind the point counts, lie evenly at any time.
const StackWalker::Frames& StackWalker::Group::Next() {
  constexpr uint32_t kGoldenSection = 0x9E3779B9;
  turn += kGoldenSection;
  uint64_t at = (static_cast<uint64_t>(turn) * bytes) >> 32;
  size_t member = 0;
  while (member + 1 < members.size() && at >= members[member].bytes) at -= members[member++].bytes;
  return members[member].frames;
}

}  // namespace heapproof
