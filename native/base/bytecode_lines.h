// The line table of a function that was compiled before anybody watched.
//
// V8 announces the line table of a function when it compiles it, and never again. The table itself stays in memory: a
// bytecode array points to a byte array with it.
//
//     bytecode array:  [map][...header, some words, one of them ──────┐ ...][bytecode ...
//                                                                     ▼          ▲ the address that V8 announces
//     byte array:      [map][length][code offset, position][code offset, position]...
//
// Each pair holds differences to the pair before, as LEB128, the code offset counted from -1. A code offset d is stored
// zigzag, as d for a statement and -d - 1 for any other place; from V8 14 on as d * 4 with two marks below. The
// position is stored zigzag, as (character offset + 1) * 2 in its low 31 bits.
//
// Which word it is differs between releases of V8. It is learned from a function whose table was announced: the word
// whose bytes decode to just that table. If none does, nothing is read, and older functions stay without lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "code_map.h"

namespace heapproof {

class BytecodeLines {
 public:
  // `code` is where the bytecode starts, `announced` the table that V8 gave for it; it should have several entries.
  void Learn(uintptr_t code, const LineTable& announced);
  bool learned() const { return word_ != 0; }

  // The contents of the byte array that `word` points to; empty when it points to something else. Only for words that
  // can be followed, if they are pointers at all.
  std::span<const uint8_t> BytesAt(uintptr_t word) const;

  // The table of the bytecode at `code`, of `size` bytes; empty when there is none.
  LineTable Read(uintptr_t code, size_t size) const;

 private:
  size_t word_ = 0;  // how many words before the bytecode the pointer stands
  uintptr_t byte_array_map_ = 0;
  bool shifted_ = false;               // how code offsets are stored: see above
  bool small_integer_length_ = false;  // whether the length is stored in the upper half of its word
};

}  // namespace heapproof
