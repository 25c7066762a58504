// What the machine code of optimised functions says of allocations, read from its bytes. V8 takes room for several objects
// at once where it can, so that one check serves all of them, and its tables have no word of that (x86-64):
//
//           lea  rdi, [rcx + 0x80]     room for a group of 128 bytes
//           cmp  [r13 + limit], rdi
//           jbe  slow
//           lea  rdi, [rcx + 0x28]     the first object: 40
//           mov  [r13 + top], rdi
//           add  rcx, 1                a pointer to it
//           ...                        its fields
//           lea  r8, [rdi + 0x20]      the second: 32
//           mov  [r13 + top], r8
//           add  rdi, 1
//           ...                        and so on, until the group is used up
//   slow:   mov  edx, 0x80             behind the rest of the function
//           call (a builtin that allocates, where we are called)
//
// For other processors nothing is found.
#pragma once

#include <cstdint>
#include <vector>

namespace heapproof {

// A block that is reached by a forward conditional jump only.
struct SlowPath {
  uint32_t start = 0;
  uint32_t jump = 0;  // where the code jumps to `start` from; 0 when `start` is none
};

// The slow path around `offset`, if it is in one.
SlowPath FindSlowPath(const uint8_t* code, uint32_t offset);

// One object of a group: where the code has taken its room and begins to fill it, and how large it is.
struct GroupPart {
  uint32_t code_offset;
  uint32_t bytes;
};

// The objects for which `slow` allocates, if they are two or more. Nothing unless their sizes come to that of the group:
// what looks like an instruction can be a part of another one, and branches can share a group.
std::vector<GroupPart> PartsOfGroup(const uint8_t* code, const SlowPath& slow);

}  // namespace heapproof
