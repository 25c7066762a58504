#include <doctest/doctest.h>

#include <cstring>
#include <map>
#include <random>
#include <set>

#include "../../../native/base/bytecode_lines.h"
#include "../../../native/base/bytecode_offset.h"
#include "../../../native/base/code_map.h"
#include "../../../native/base/position_index.h"

using namespace heapproof;

namespace {

using Kind = CodeMap::Kind;

std::vector<RawFrame> Find(CodeMap& map, uintptr_t pc) {
  std::vector<RawFrame> found;
  map.Find(pc, found);
  return found;
}

FunctionInfo Named(const char* name, int script) { return {name, script, 1, 1, {}}; }

}  // namespace

TEST_CASE("bytecode: the position in force at the address") {
  CodeMap map;
  const uint32_t f = map.InternFunction("f", Named("f", 1));
  CHECK(map.InternFunction("f", Named("other", 9)) == f);
  map.Add(1000, 50, Kind::kBytecode, f, {{0, 10}, {8, 20}});
  CHECK(Find(map, 999).empty());
  CHECK(Find(map, 1000)[0].position == 10);
  CHECK(Find(map, 1007)[0].position == 10);
  CHECK(Find(map, 1008)[0].position == 20);
  CHECK(Find(map, 1049)[0].position == 20);
  CHECK(Find(map, 1050).empty());
}

TEST_CASE("new code takes the place of what it overlaps, and moves take their lines along") {
  CodeMap map;
  const uint32_t f = map.InternFunction("f", Named("f", 1)), g = map.InternFunction("g", Named("g", 1));
  map.Add(1000, 100, Kind::kBytecode, f, {{0, 10}});
  map.Add(1200, 100, Kind::kBytecode, f, {{0, 11}});
  const uint64_t before = map.epoch();
  map.Add(1090, 120, Kind::kBytecode, g, {{0, 50}});
  CHECK(map.epoch() != before);
  CHECK(Find(map, 1000).empty());
  CHECK(Find(map, 1250).empty());
  CHECK(Find(map, 1100)[0].function == g);
  map.Move(1090, 5000);
  CHECK(Find(map, 1100).empty());
  CHECK(Find(map, 5001)[0].position == 50);
  map.Move(77, 78);  // never announced
}

TEST_CASE("machine code: the address is behind the call, also behind the last one") {
  CodeMap map;
  const uint32_t f = map.InternFunction("f", Named("f", 1));
  uint8_t code[64] = {};
  const auto start = reinterpret_cast<uintptr_t>(code);
  map.Add(10, 8, Kind::kBytecode, f, {{0, 100}, {2, 120}});
  map.Add(start, 64, Kind::kMachineCode, f, {{0, 99}, {4, 100}, {32, 120}});
  CHECK(Find(map, start + 32)[0].position == 100);
  CHECK(Find(map, start + 33)[0].position == 120);
  CHECK(Find(map, start + 64)[0].position == 120);
  CHECK(Find(map, start + 65).empty());
}

TEST_CASE("inlined code belongs to the function that explains most of it, called from the last own position") {
  CodeMap map;
  uint8_t code[64] = {};
  const auto start = reinterpret_cast<uintptr_t>(code);
  const uint32_t outer = map.InternFunction("outer", Named("outer", 1));
  const uint32_t decoy = map.InternFunction("decoy", Named("decoy", 1));
  const uint32_t inlined = map.InternFunction("inlined", Named("inlined", 2));
  map.Add(10, 8, Kind::kBytecode, outer, {{0, 100}, {2, 120}});
  map.Add(30, 8, Kind::kBytecode, decoy, {{0, 500}, {2, 900}});
  map.Add(50, 8, Kind::kBytecode, inlined, {{0, 500}, {2, 510}, {4, 520}});
  map.Add(start, 64, Kind::kMachineCode, outer, {{0, 99}, {8, 120}, {16, 500}, {24, 510}, {40, 99}});
  const auto frames = Find(map, start + 20);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].function == inlined);
  CHECK(frames[0].position == 500);
  CHECK(frames[1].function == outer);
  CHECK(frames[1].position == 120);
  CHECK(frames[1].inferred);
}

TEST_CASE("of copies of an inlined function it is one that can still run, and of these the newest") {
  uint32_t dead = 0;
  CodeMap map([&](uint32_t function) { return function != dead; });
  uint8_t code[64] = {};
  const auto start = reinterpret_cast<uintptr_t>(code);
  const uint32_t outer = map.InternFunction("outer", Named("outer", 1));
  const uint32_t first = map.InternFunction("copy 1", Named("copy", 2));
  const uint32_t second = map.InternFunction("copy 2", Named("copy", 3));
  const uint32_t third = map.InternFunction("copy 3", Named("copy", 4));
  map.Add(10, 8, Kind::kBytecode, outer, {{0, 100}, {2, 120}});
  map.Add(30, 8, Kind::kBytecode, first, {{0, 500}, {2, 510}});
  map.Add(50, 8, Kind::kBytecode, second, {{0, 500}, {2, 510}});
  map.Add(70, 8, Kind::kBytecode, third, {{0, 500}, {2, 510}});
  map.Add(start, 64, Kind::kMachineCode, outer, {{0, 99}, {8, 120}, {16, 500}, {24, 510}, {40, 99}});
  CHECK(Find(map, start + 20)[0].function == third);
  dead = third;
  CHECK(Find(map, start + 20)[0].function == second);

  // The index of one that is forgotten goes to the next function, which is the newest all the same.
  std::vector<bool> gone(outer + 4);
  gone[first] = true;
  map.Forget(gone);
  dead = 0;
  const uint32_t fourth = map.InternFunction("copy 4", Named("copy", 5));
  CHECK(fourth == first);
  map.Add(90, 8, Kind::kBytecode, fourth, {{0, 500}, {2, 510}});
  CHECK(Find(map, start + 20)[0].function == fourth);
}

#if defined(__x86_64__)
TEST_CASE("the slow path of an allocation is charged to the code that jumps to it") {
  CodeMap map;
  uint8_t code[96] = {};
  const auto start = reinterpret_cast<uintptr_t>(code);
  const uint32_t f = map.InternFunction("f", Named("f", 1));
  map.Add(10, 8, Kind::kBytecode, f, {{0, 100}, {2, 120}, {4, 140}});
  code[20] = 0x0F;  // jae 64
  code[21] = 0x83;
  const int32_t distance = 64 - 26;
  std::memcpy(code + 22, &distance, sizeof distance);
  code[63] = 0xC3;  // nothing falls through to 64
  map.Add(start, 96, Kind::kMachineCode, f, {{0, 99}, {8, 100}, {32, 120}, {48, 140}});
  const auto frames = Find(map, start + 80);
  CHECK(frames[0].position == 120);
  CHECK(frames[0].inferred);
  CHECK(Find(map, start + 60)[0].position == 140);

  // The entry behind the jump is too far away to be that of the first store: the allocation has the position at the jump.
  map.Add(start, 96, Kind::kMachineCode, f, {{0, 99}, {8, 100}, {80, 140}});
  code[10] = 0x0F;
  code[11] = 0x83;
  const int32_t farther = 88 - 16;
  std::memcpy(code + 12, &farther, sizeof farther);
  code[87] = 0xC3;
  CHECK(Find(map, start + 92)[0].position == 100);
}

namespace {

// Code that takes room for three objects at once, as V8 writes it; the sizes are in it twice.
struct GroupCode {
  uint8_t bytes[256] = {};
  uint32_t size = 8;  // something stands before it
  uint32_t jump = 0;
  uint32_t slow = 0;

  void Put(std::initializer_list<uint8_t> code) {
    for (const uint8_t byte : code) bytes[size++] = byte;
  }
  GroupCode() {
    Put({0x48, 0x8D, 0xB9, 0x80, 0, 0, 0});  // lea rdi, [rcx + 128]
    Put({0x49, 0x39, 0x7D, 0x50});           // cmp [r13 + 80], rdi
    jump = size;
    Put({0x0F, 0x86, 0, 0, 0, 0});        // jbe slow
    Put({0x48, 0x8D, 0x79, 0x28});        // lea rdi, [rcx + 40]
    Put({0x49, 0x89, 0x7D, 0x48});        // mov [r13 + 72], rdi
    Put({0x48, 0x83, 0xC1, 0x01});        // add rcx, 1
    Put({0x48, 0x89, 0x71, 0x17});        // mov [rcx + 23], rsi
    Put({0x4D, 0x8D, 0x64, 0x24, 0x20});  // lea r12, [r12 + 32]
    Put({0x4D, 0x89, 0x65, 0x48});        // mov [r13 + 72], r12
    Put({0x48, 0x83, 0xC7, 0x01});        // add rdi, 1
    Put({0x48, 0x89, 0x4F, 0x1F});        // mov [rdi + 31], rcx
    Put({0x4D, 0x8D, 0x58, 0x38});        // lea r11, [r8 + 56]
    Put({0x4D, 0x89, 0x5D, 0x48});        // mov [r13 + 72], r11
    Put({0x49, 0x83, 0xC0, 0x01});        // add r8, 1
    Put({0x4D, 0x89, 0x48, 0x07});        // mov [r8 + 7], r9
    Put({0xC3});                          // ret
    slow = size;
    Put({0xBA, 0x80, 0, 0, 0});  // mov edx, 128
    Put({0xE8, 0, 0, 0, 0});     // call
    const uint32_t distance = slow - (jump + 6);
    std::memcpy(bytes + jump + 2, &distance, sizeof distance);
  }
};

std::vector<CodeMap::GroupMember> FindGroup(CodeMap& map, uintptr_t pc) {
  std::vector<CodeMap::GroupMember> found;
  map.FindGroup(pc, found);
  return found;
}

}  // namespace

TEST_CASE("objects that are allocated at once have each their own position") {
  CodeMap map;
  GroupCode code;
  const auto start = reinterpret_cast<uintptr_t>(code.bytes);
  const uint32_t f = map.InternFunction("f", Named("f", 1));
  const uint32_t g = map.InternFunction("g", Named("g", 2));
  map.Add(10, 8, Kind::kBytecode, f, {{0, 99}, {2, 120}, {4, 140}});
  map.Add(30, 8, Kind::kBytecode, g, {{0, 500}, {2, 510}});
  const uint32_t second = code.jump + 35, third = second + 16;  // the second begins when a pointer to it is made
  map.Add(start, code.size, Kind::kMachineCode, f, {{0, 99}, {second, 120}, {third, 510}, {code.slow - 1, 140}});
  const uintptr_t pc = start + code.size;
  const auto group = FindGroup(map, pc);
  REQUIRE(group.size() == 3);
  CHECK(group[0].bytes == 40);
  CHECK(group[0].frames[0].position == Find(map, pc)[0].position);
  CHECK(group[1].bytes == 32);
  CHECK(group[1].frames[0].position == 120);
  CHECK(group[2].bytes == 56);
  CHECK(group[2].frames[0].function == g);
  CHECK(group[2].frames[0].position == 510);
  CHECK(group[2].frames[1].function == f);

  SUBCASE("nothing where that is not the code of a group") {
    CHECK(FindGroup(map, start + code.slow).empty());  // not in a slow path
    CHECK(FindGroup(map, start).empty());
    CHECK(FindGroup(map, 12).empty());  // bytecode
    CHECK(FindGroup(map, 7).empty());
  }
  SUBCASE("nothing where the sizes do not come to that of all") {
    code.bytes[code.jump + 9] = 0x30;
    CHECK(FindGroup(map, pc).empty());
  }
  SUBCASE("what is stored elsewhere takes no room") {
    code.bytes[code.jump + 30] = 0x40;  // mov [r13 + 64], r12
    CHECK(FindGroup(map, pc).empty());
  }
  SUBCASE("nothing where the check is not one for room") {
    code.bytes[code.jump - 3] = 0x3B;
    CHECK(FindGroup(map, pc).empty());
  }
}

TEST_CASE("code of which every byte is arbitrary is read without harm") {
  std::mt19937 random(11);
  CodeMap map;
  const uint32_t f = map.InternFunction("f", Named("f", 1));
  map.Add(10, 8, Kind::kBytecode, f, {{0, 100}, {2, 120}});
  for (int round = 0; round < 5000; round++) {
    // On the heap and of that size, so that a sanitizer sees what is read outside.
    std::vector<uint8_t> code(64 + random() % 192);
    // Of bytes that occur in such code, so that it comes far.
    static constexpr uint8_t kUsual[] = {0x48, 0x49, 0x4D, 0x89, 0x8D, 0x39, 0x7D, 0x45, 0x0F, 0x86, 0xC3, 0x08, 0x00};
    for (uint8_t& byte : code) byte = kUsual[random() % std::size(kUsual)];
    const auto start = reinterpret_cast<uintptr_t>(code.data());
    map.Add(start, code.size(), Kind::kMachineCode, f, {{0, 99}, {8, 100}, {32, 120}});
    for (size_t at = 0; at <= code.size(); at++) {
      const auto found = FindGroup(map, start + at);
      CHECK(found.size() != 1);
    }
  }
}
#endif

TEST_CASE("forgotten functions make room, the others stay") {
  CodeMap map;
  const uint32_t f = map.InternFunction("f", Named("f", 1)), g = map.InternFunction("g", Named("g", 1));
  map.Add(1000, 10, Kind::kBytecode, f, {{0, 1}});
  map.Add(2000, 10, Kind::kBytecode, g, {{0, 2}});
  std::vector<bool> dead(g + 1);
  dead[f] = true;
  map.Forget(dead);
  CHECK(Find(map, 1000).empty());
  CHECK(Find(map, 2000)[0].function == g);
  CHECK(map.InternFunction("h", Named("h", 1)) == f);
  CHECK(map.function(g).name == "g");
}

TEST_CASE("functions by position, asked for between additions and removals, are those of a multimap") {
  std::mt19937 random(7);
  PositionIndex index;
  std::multimap<int32_t, uint32_t> expected;
  for (int round = 0; round < 200; round++) {
    for (int i = 0; i < 50; i++) {
      const int32_t position = static_cast<int32_t>(random() % 500);
      const uint32_t function = random() % 100;
      index.Add(position, function);
      expected.emplace(position, function);
    }
    if (round % 20 == 19) {
      const uint32_t gone = random() % 100;
      index.Remove([&](uint32_t function) { return function == gone; });
      std::erase_if(expected, [&](const auto& entry) { return entry.second == gone; });
    }
    const int32_t asked = static_cast<int32_t>(random() % 500);
    std::multiset<uint32_t> found, known;
    index.ForEach(asked, [&](uint32_t function) { found.insert(function); });
    for (auto [it, end] = expected.equal_range(asked); it != end; ++it) known.insert(it->second);
    REQUIRE(found == known);
  }
}

TEST_CASE("where line tables are is learned, then read") {
  for (const bool shifted : {false, true}) {
    // An object with a map, a length and the table; and bytecode behind a header that points to it.
    alignas(8) uint8_t object[64] = {};
    const uintptr_t map = 0x1234567;
    std::memcpy(object, &map, 8);
    const LineTable table = {{0, 10}, {4, 10}, {9, 30}, {12, 25}};
    std::vector<uint8_t> pairs;
    int64_t code = -1, raw = 0;
    for (const LineEntry& line : table) {
      const int64_t d = line.code_offset - code, r = (line.position + 1) * 2 - raw;
      if (shifted) PutVarint(pairs, d * 4 + 2);
      else PutZigzag(pairs, -d - 1);
      PutZigzag(pairs, r);
      code = line.code_offset;
      raw += r;
    }
    const uint64_t length = shifted ? pairs.size() : static_cast<uint64_t>(pairs.size()) << 32;
    std::memcpy(object + 8, &length, 8);
    std::memcpy(object + 16, pairs.data(), pairs.size());
    alignas(8) uintptr_t array[16] = {};
    array[5] = reinterpret_cast<uintptr_t>(object) + 1;
    array[4] = 0x7777777777777779;  // looks like a pointer, and is none
    const auto start = reinterpret_cast<uintptr_t>(&array[8]);

    BytecodeLines lines;
    lines.Learn(start, {{0, 10}, {4, 10}, {9, 30}, {12, 26}});
    CHECK(!lines.learned());
    lines.Learn(start, table);
    REQUIRE(lines.learned());
    const LineTable read = lines.Read(start, 64);
    REQUIRE(read.size() == 4);
    CHECK(read[3].code_offset == 12);
    CHECK(read[3].position == 25);
    CHECK(lines.Read(start, 10).empty());  // an offset behind the end of the code
    const uintptr_t other_map = 0x99;
    std::memcpy(object, &other_map, 8);
    CHECK(lines.Read(start, 64).empty());
  }
}

TEST_CASE("the offset of the running instruction is in its handler's frame") {
  BytecodeOffset offsets;
  // Made-up builtins: opcodes count from 0 in the order of the handlers.
  offsets.NoteBuiltin("BytecodeHandler:LdarHandler", 0x1000, 0x100);
  offsets.NoteBuiltin("BytecodeHandler:CreateHandler", 0x2000, 0x100);
  offsets.NoteBuiltin("BytecodeHandler:CreateWideHandler", 0x3000, 0x100);
  offsets.NoteBuiltin("Builtin:InterpreterEntryTrampoline", 0x4000, 0x100);

  uint8_t bytecode[32] = {};
  bytecode[0] = 0;
  bytecode[11] = 1;  // Create
  const auto start = reinterpret_cast<uintptr_t>(bytecode);
  const uintptr_t array = start - 53;

  // hook frame -> runtime frame -> handler frame -> interpreter frame
  uintptr_t stack[40] = {};
  const auto at = [&](int i) { return reinterpret_cast<uintptr_t>(&stack[i]); };
  stack[0] = at(4), stack[1] = 0x9999;
  stack[4] = at(20), stack[5] = 0x2050;   // returns into the handler of Create
  stack[20] = at(30), stack[21] = 0x4050;  // the handler returns into the trampoline
  stack[26] = array;                       // of the interpreter frame at 30
  stack[15] = 53 + 25;                     // some small number that is none of its offsets
  stack[13] = 53 + 11;

  CHECK(offsets.Correct(stack, start, start, sizeof bytecode) == start + 11);
  stack[5] = 0x3050;  // the wide form has the same opcode
  CHECK(offsets.Correct(stack, start, start, sizeof bytecode) == start + 11);
  stack[13] = 53 + 15;  // the handler kept the offset of the next instruction, four bytes on
  CHECK(offsets.Correct(stack, start, start, sizeof bytecode) == start + 11);
  stack[13] = 0;
  CHECK(offsets.Correct(stack, start, start, sizeof bytecode) == start);
  stack[5] = 0x9999;  // a call of the instruction: its frame tells the offset by itself
  CHECK(offsets.Correct(stack, start + 3, start, sizeof bytecode) == start + 3);
  stack[4] = 7;  // no chain of frames
  CHECK(offsets.Correct(stack, start + 3, start, sizeof bytecode) == start + 3);
}
