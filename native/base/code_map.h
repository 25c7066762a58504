// From a machine address to the function and the source position that run there.
//
// The virtual machine announces code as it compiles it: bytecode of a function, later optimised code of the same
// function, each with a table "code offset -> source position". Code moves (announced) and dies (not announced).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "position_index.h"
#include "trace_table.h"

namespace heapproof {

// Sorted by code offset; an entry holds from its offset to the next one's.
struct LineEntry {
  uint32_t code_offset;
  int32_t position;
};
using LineTable = std::vector<LineEntry>;

struct FunctionInfo {
  std::string name;
  int script = 0;                  // the virtual machine's number of the script
  uint32_t line = 0;               // of the function's start, from 1; 0 unknown
  uint32_t column = 0;
  std::vector<int32_t> positions;  // all source positions of its bytecode
  bool sorted = false;             // and each once: not before somebody looks for one
  uint32_t serial = 0;             // the later it was met, the greater
};

class CodeMap {
 public:
  // Says of a function, by index, whether it can still run.
  using IsAlive = std::function<bool(uint32_t)>;

  explicit CodeMap(IsAlive is_alive = [](uint32_t) { return true; }) : is_alive_(std::move(is_alive)) {}

  // Baseline code is machine code in the order of the bytecode, whose table is looked up when it is first needed.
  enum class Kind { kBytecode, kBaseline, kMachineCode };

  // For some thousand functions: growing to that step by step would hash each of them several times.
  void MakeRoom() { function_index_.reserve(8192); }

  // The index (from 1) of the function that `identity` names, or 0.
  uint32_t KnownFunction(const std::string& identity) const {
    const auto known = function_index_.find(identity);
    return known == function_index_.end() ? 0 : known->second;
  }
  // Its index; `info` is stored the first time.
  uint32_t InternFunction(const std::string& identity, const FunctionInfo& info);
  const FunctionInfo& function(uint32_t index) const { return functions_[index - 1]; }
  size_t function_count() const { return function_index_.size(); }

  // Forgets functions that can never run again, by index. Their indices go to functions to come, so nothing may refer
  // to them any more.
  void Forget(const std::vector<bool>& dead);

  void Add(uintptr_t start, size_t size, Kind kind, uint32_t function, LineTable lines);
  void Move(uintptr_t from, uintptr_t to);
  // Whether exactly this range is known as code of that function.
  bool Holds(uintptr_t start, size_t size, uint32_t function) const {
    const auto known = ranges_.find(start);
    return known != ranges_.end() && known->second.size == size && known->second.function == function;
  }

  // Appends the frames at `pc`, innermost first, to `out`: none when the address is not known, one usually, two when
  // the code there was inlined from another function (callers between the two are lost: the table does not tell them).
  void Find(uintptr_t pc, std::vector<RawFrame>& out);

  // One of several objects that optimised code allocates at once.
  struct GroupMember {
    uint32_t bytes;
    std::vector<RawFrame> frames;  // as of Find()
  };
  // Appends all of them when `pc` is where such a group is allocated, or nothing.
  void FindGroup(uintptr_t pc, std::vector<GroupMember>& out);

  // The range of bytecode that holds `pc`; size 0 when it is something else.
  struct Extent {
    uintptr_t start = 0;
    size_t size = 0;
  };
  Extent BytecodeAt(uintptr_t pc) const;

  // About; computed by walking everything.
  size_t OwnMemory() const;

  // The table of the bytecode that starts at `start`; nullptr when none is known.
  const LineTable* LinesOfBytecode(uintptr_t start) const;
  // The range of baseline code that holds `pc` and has not been given lines yet; size 0 when there is none.
  Extent BaselineToLearn(uintptr_t pc) const;
  // Once for each: `lines` may be empty.
  void GiveLines(uintptr_t start, LineTable lines);

  // Changes whenever an address that was known may mean something else from now on.
  uint64_t epoch() const { return epoch_; }

 private:
  struct Range {
    size_t size;
    Kind kind;
    uint32_t function;
    LineTable lines;
    bool learned = false;  // of baseline code

    // The last entry at or before `offset`, or the end of the table.
    LineTable::const_iterator LineAt(uint32_t offset) const;
  };

  using Ranges = std::map<uintptr_t, Range>;

  // The range that holds `pc`, or the end.
  Ranges::const_iterator RangeAt(uintptr_t pc) const;
  void Evict(uintptr_t start, size_t size);
  bool Identify(const Range& range, LineTable::const_iterator line, std::vector<RawFrame>& out);
  bool FindInMachineCode(uintptr_t start, const Range& range, uint32_t offset, LineTable::const_iterator line,
                         std::vector<RawFrame>& out);
  bool Owns(uint32_t function, int32_t position);
  uint32_t InlinedFunction(const Range& range, int32_t position);
  void IndexPositions();

  const IsAlive is_alive_;
  Ranges ranges_;
  std::vector<FunctionInfo> functions_;
  uint32_t met_ = 0;  // how many functions, forgotten ones too
  std::unordered_map<std::string, uint32_t> function_index_;
  std::vector<uint32_t> free_;
  // Which functions have a position: built when inlined code is first met, kept up to date from then on.
  PositionIndex by_position_;
  bool indexed_ = false;
  uint64_t epoch_ = 0;
};

}  // namespace heapproof
