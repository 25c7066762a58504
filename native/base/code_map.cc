#include "code_map.h"

#include <algorithm>
#include <set>

namespace heapproof {

uint32_t CodeMap::InternFunction(std::string_view identity, const FunctionInfo& info) {
  const auto [it, added] = function_index_.try_emplace(std::string(identity), functions_.size() + 1);
  if (added) functions_.push_back(info);
  return it->second;
}

void CodeMap::Add(uintptr_t start, size_t size, Kind kind, uint32_t function, LineTable lines) {
  Evict(start, size);
  if (kind == Kind::kBytecode && !lines.empty() && functions_[function - 1].positions.empty()) {
    std::vector<int32_t>& positions = functions_[function - 1].positions;
    for (const LineEntry& line : lines) positions.push_back(line.position);
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
    if (indexed_) {
      for (int32_t position : positions) by_position_.emplace(position, function);
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

void CodeMap::Find(uintptr_t pc, std::vector<RawFrame>& out) {
  auto it = ranges_.upper_bound(pc);
  if (it == ranges_.begin()) return;
  --it;
  const Range& range = it->second;
  // In machine code the address is that of the instruction after the call. A call can be the last instruction of a
  // range, so the address just behind the end belongs to it as well. Bytecode addresses name the instruction itself.
  const bool machine = range.kind == Kind::kMachineCode;
  if (pc - it->first >= range.size + (machine ? 1 : 0)) return;
  const uint32_t offset = static_cast<uint32_t>(pc - it->first) - (machine && pc > it->first ? 1 : 0);

  auto line = std::upper_bound(range.lines.begin(), range.lines.end(), offset,
                               [](uint32_t o, const LineEntry& e) { return o < e.code_offset; });
  if (line == range.lines.begin()) {
    out.push_back({range.function, RawFrame::kNoPosition});
    return;
  }
  const int32_t position = std::prev(line)->position;
  if (!machine || Owns(range.function, position)) {
    out.push_back({range.function, position});
    return;
  }
  if (const uint32_t inlined = InlinedFunction(range, position)) out.push_back({inlined, position});
  out.push_back({range.function, RawFrame::kNoPosition});
}

// A function that was compiled before anybody watched has no known positions; then nothing speaks against `position`.
bool CodeMap::Owns(uint32_t function, int32_t position) const {
  const auto& positions = functions_[function - 1].positions;
  return positions.empty() || std::binary_search(positions.begin(), positions.end(), position);
}

// Whose position is it? Optimised code carries positions of everything inlined into it as bare offsets, without saying
// in which script. They come from the bytecode of the inlined functions, so the function sought has exactly this
// position, and most likely several of the other foreign positions of the same code: the candidate that explains most
// of them wins; on equal terms, the one in the same script, then the shorter one.
uint32_t CodeMap::InlinedFunction(const Range& range, int32_t position) {
  IndexPositions();
  std::set<int32_t> foreign;
  for (const LineEntry& line : range.lines) {
    if (!Owns(range.function, line.position)) foreign.insert(line.position);
  }
  uint32_t best = 0;
  std::vector<int64_t> best_score;
  const auto [first, last] = by_position_.equal_range(position);
  for (auto it = first; it != last; ++it) {
    const FunctionInfo& candidate = functions_[it->second - 1];
    const int64_t explained = std::count_if(foreign.begin(), foreign.end(),
                                            [&](int32_t p) { return Owns(it->second, p); });
    const bool same_script = candidate.script == functions_[range.function - 1].script;
    std::vector<int64_t> score = {explained, same_script, -static_cast<int64_t>(candidate.positions.size()),
                                  -static_cast<int64_t>(it->second)};
    if (best == 0 || score > best_score) {
      best = it->second;
      best_score = std::move(score);
    }
  }
  return best;
}

void CodeMap::IndexPositions() {
  if (indexed_) return;
  indexed_ = true;
  for (uint32_t f = 1; f <= functions_.size(); f++) {
    for (int32_t position : functions_[f - 1].positions) by_position_.emplace(position, f);
  }
}

}  // namespace heapproof
