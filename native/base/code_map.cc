#include "code_map.h"

#include <algorithm>

#include "allocation_code.h"

namespace heapproof {

namespace {

// From the jump into a slow path to the first store into the new object it is some 30 bytes: the new top, and a map.
constexpr uint32_t kFarthestStore = 48;

}  // namespace

uint32_t CodeMap::InternFunction(const std::string& identity, const FunctionInfo& info) {
  const auto [it, added] = function_index_.try_emplace(identity, 0);
  if (!added) return it->second;
  if (free_.empty()) {
    functions_.push_back(info);
    it->second = static_cast<uint32_t>(functions_.size());
  } else {
    it->second = free_.back();
    free_.pop_back();
    functions_[it->second - 1] = info;
  }
  functions_[it->second - 1].serial = ++met_;
  return it->second;
}

void CodeMap::Forget(const std::vector<bool>& dead) {
  std::erase_if(ranges_, [&](const auto& range) { return dead[range.second.function]; });
  by_position_.Remove([&](uint32_t function) { return dead[function]; });
  std::erase_if(function_index_, [&](const auto& entry) {
    if (!dead[entry.second]) return false;
    functions_[entry.second - 1] = FunctionInfo();
    free_.push_back(entry.second);
    return true;
  });
  epoch_++;
}

void CodeMap::Add(uintptr_t start, size_t size, Kind kind, uint32_t function, LineTable lines) {
  Evict(start, size);
  if (kind == Kind::kBytecode && functions_[function - 1].positions.empty()) {
    std::vector<int32_t>& positions = functions_[function - 1].positions;
    functions_[function - 1].sorted = false;
    positions.reserve(lines.size());
    for (const LineEntry& line : lines) {
      if (positions.empty() || positions.back() != line.position) positions.push_back(line.position);
    }
    if (indexed_) {
      for (int32_t position : positions) by_position_.Add(position, function);
    }
  }
  ranges_[start] = {size, kind, function, std::move(lines)};
}

void CodeMap::Move(uintptr_t from, uintptr_t to) {
  auto node = ranges_.extract(from);
  if (node.empty()) return;
  epoch_++;
  Evict(to, node.mapped().size);
  node.key() = to;
  ranges_.insert(std::move(node));
}

// Dead code is not announced, so whatever a new range overlaps is dead; left in, it would answer for the new one.
void CodeMap::Evict(uintptr_t start, size_t size) {
  auto it = ranges_.upper_bound(start);
  if (it != ranges_.begin()) {
    const auto before = std::prev(it);
    if (before->first + before->second.size > start) it = before;
  }
  while (it != ranges_.end() && it->first < start + size) {
    it = ranges_.erase(it);
    epoch_++;
  }
}

// In machine code the address is that of the instruction after the call. A call can be the last instruction of a range, so
// the address just behind the end belongs to it as well. Bytecode addresses name the instruction itself.
CodeMap::Ranges::const_iterator CodeMap::RangeAt(uintptr_t pc) const {
  auto it = ranges_.upper_bound(pc);
  if (it == ranges_.begin()) return ranges_.end();
  --it;
  const size_t reach = it->second.size + (it->second.kind == Kind::kBytecode ? 0 : 1);
  return pc - it->first < reach ? it : ranges_.end();
}

void CodeMap::Find(uintptr_t pc, std::vector<RawFrame>& out) {
  const auto it = RangeAt(pc);
  if (it == ranges_.end()) return;
  const Range& range = it->second;
  const bool machine = range.kind == Kind::kMachineCode;
  const bool after_call = range.kind != Kind::kBytecode && pc > it->first;
  const uint32_t offset = static_cast<uint32_t>(pc - it->first) - (after_call ? 1 : 0);

  const auto line = range.LineAt(offset);
  if (!machine && line != range.lines.end()) {
    out.push_back({range.function, line->position});
  } else if (!machine || line == range.lines.end() || !FindInMachineCode(it->first, range, offset, line, out)) {
    out.push_back({range.function, RawFrame::kNoPosition});
  }
}

// The table of optimised code says nothing of use in two cases:
//  - The slow path of an allocation stands behind the rest of the function and may have no entry of its own; the entry
//    before it belongs to another slow path. The jump that leads to it stands in the middle of the code of the
//    allocation, which has an entry as soon as it stores something into the new object; unless the position is that of
//    the code before, then the entry at the jump is the one.
//  - Code inlined from a function that nobody has seen compiled (one of Node's own). What is inlined follows the call
//    it replaces, so the last position before it that is known is that of the call.
bool CodeMap::FindInMachineCode(uintptr_t start, const Range& range, uint32_t offset, LineTable::const_iterator line,
                                std::vector<RawFrame>& out) {
  const size_t before = out.size();
  const SlowPath slow = FindSlowPath(reinterpret_cast<const uint8_t*>(start), offset);
  const auto at_jump = slow.start > line->code_offset ? range.LineAt(slow.jump) : range.lines.end();
  auto last_known = line;
  if (at_jump != range.lines.end()) {
    last_known = at_jump;
    const auto behind = std::next(at_jump);
    if (behind != range.lines.end() && behind->code_offset <= slow.jump + kFarthestStore &&
        Identify(range, behind, out)) {
      out[before].inferred = true;
      return true;
    }
  } else if (Identify(range, line, out)) {
    return true;
  }
  // The first entry is that of the function's entry; behind it everything would come out at the head of the function.
  for (; last_known != range.lines.begin(); --last_known) {
    if (!Identify(range, last_known, out)) continue;
    out[before].inferred = true;
    return true;
  }
  return false;
}

// The first object has the answer that the allocation as a whole would have, each other the entry where it is filled.
void CodeMap::FindGroup(uintptr_t pc, std::vector<GroupMember>& out) {
  const auto it = RangeAt(pc);
  if (it == ranges_.end() || it->second.kind != Kind::kMachineCode || pc == it->first) return;
  const Range& range = it->second;
  const auto* code = reinterpret_cast<const uint8_t*>(it->first);
  for (const GroupPart& part : PartsOfGroup(code, FindSlowPath(code, static_cast<uint32_t>(pc - it->first) - 1))) {
    std::vector<RawFrame> frames;
    const auto line = range.LineAt(part.code_offset);
    if (out.empty()) Find(pc, frames);
    else if (line == range.lines.end() || !Identify(range, line, frames)) frames = out.back().frames;
    out.push_back({part.bytes, std::move(frames)});
  }
}

LineTable::const_iterator CodeMap::Range::LineAt(uint32_t offset) const {
  const auto behind = std::upper_bound(lines.begin(), lines.end(), offset,
                                       [](uint32_t o, const LineEntry& e) { return o < e.code_offset; });
  return behind == lines.begin() ? lines.end() : std::prev(behind);
}

// Whose is a position in optimised code? The function's own, or that of a function inlined into it. What is inlined
// follows the call it replaces, so the last position of the function's own before it is where it was called.
bool CodeMap::Identify(const Range& range, LineTable::const_iterator line, std::vector<RawFrame>& out) {
  const int32_t position = line->position;
  if (Owns(range.function, position)) {
    out.push_back({range.function, position});
    return true;
  }
  // The start of the function itself marks code that has no position.
  if (position == range.lines.front().position) return false;
  const uint32_t inlined = InlinedFunction(range, position);
  if (inlined == 0) return false;
  out.push_back({inlined, position});
  while (line != range.lines.begin() && !Owns(range.function, line->position)) --line;
  const bool found = line != range.lines.begin();
  out.push_back({range.function, found ? line->position : RawFrame::kNoPosition, found});
  return true;
}

CodeMap::Extent CodeMap::BytecodeAt(uintptr_t pc) const {
  const auto it = RangeAt(pc);
  if (it == ranges_.end() || it->second.kind != Kind::kBytecode) return {};
  return {it->first, it->second.size};
}

const LineTable* CodeMap::LinesOfBytecode(uintptr_t start) const {
  const auto it = ranges_.find(start);
  return it == ranges_.end() || it->second.kind != Kind::kBytecode ? nullptr : &it->second.lines;
}

CodeMap::Extent CodeMap::BaselineToLearn(uintptr_t pc) const {
  const auto it = RangeAt(pc);
  if (it == ranges_.end() || it->second.kind != Kind::kBaseline || it->second.learned) return {};
  return {it->first, it->second.size};
}

void CodeMap::GiveLines(uintptr_t start, LineTable lines) {
  const auto it = ranges_.find(start);
  if (it == ranges_.end()) return;
  it->second.lines = std::move(lines);
  it->second.learned = true;
}

// A function that was compiled before anybody watched has no known positions; then nothing speaks against `position`.
bool CodeMap::Owns(uint32_t function, int32_t position) {
  FunctionInfo& info = functions_[function - 1];
  std::vector<int32_t>& positions = info.positions;
  if (!info.sorted) {
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
    info.sorted = true;
  }
  return positions.empty() || std::binary_search(positions.begin(), positions.end(), position);
}

// Whose position is it? Optimised code carries positions of everything inlined into it as bare offsets, without saying
// in which script. They come from the bytecode of the inlined functions, so the function sought has exactly this
// position, and most likely several of the other foreign positions of the same code: the candidate that explains most
// of them wins; on equal terms, the one in the same script, then the shorter one, then the newest. A test runner evaluates
// a module again for each test file, and every copy of a function has the same positions: only one that can still run is
// in question, and where an earlier copy has not been collected yet, the newest.
uint32_t CodeMap::InlinedFunction(const Range& range, int32_t position) {
  IndexPositions();
  std::vector<int32_t> foreign;
  for (const LineEntry& line : range.lines) {
    if (!Owns(range.function, line.position)) foreign.push_back(line.position);
  }
  std::sort(foreign.begin(), foreign.end());
  foreign.erase(std::unique(foreign.begin(), foreign.end()), foreign.end());
  uint32_t best = 0;
  std::vector<int64_t> best_score;
  by_position_.ForEach(position, [&](uint32_t function) {
    if (!is_alive_(function)) return;
    const FunctionInfo& candidate = functions_[function - 1];
    const int64_t explained = std::count_if(foreign.begin(), foreign.end(),
                                            [&](int32_t p) { return Owns(function, p); });
    const bool same_script = candidate.script == functions_[range.function - 1].script;
    std::vector<int64_t> score = {explained, same_script, -static_cast<int64_t>(candidate.positions.size()),
                                  static_cast<int64_t>(candidate.serial)};
    if (best == 0 || score > best_score) {
      best = function;
      best_score = std::move(score);
    }
  });
  return best;
}

void CodeMap::IndexPositions() {
  if (indexed_) return;
  indexed_ = true;
  for (uint32_t f = 1; f <= functions_.size(); f++) {
    for (int32_t position : functions_[f - 1].positions) by_position_.Add(position, f);
  }
}

size_t CodeMap::OwnMemory() const {
  constexpr size_t kTreeNode = 40, kHashNode = 24;
  size_t bytes = functions_.capacity() * sizeof(FunctionInfo) + by_position_.OwnMemory();
  for (const auto& [start, range] : ranges_) {
    bytes += kTreeNode + sizeof(Range) + range.lines.capacity() * sizeof(LineEntry);
  }
  for (const FunctionInfo& info : functions_) {
    bytes += info.name.capacity() + info.positions.capacity() * sizeof(int32_t);
  }
  for (const auto& [identity, index] : function_index_) bytes += kHashNode + sizeof identity + identity.capacity();
  return bytes;
}

}  // namespace heapproof
