// The line table of code that V8's Sparkplug made, which has none of its own.
//
// Sparkplug translates bytecode one instruction after the other, and keeps how many bytes of machine code each became.
// With the line table of the bytecode that gives a line for every address:
//
//     code object:  [map] ... [bytecode array] [byte array of lengths] ...        a word or two before the machine code
//                                   │                 │                           points to it
//                    instructions   ▼    18 | 6 | 11 | 40 | ...                   which word is which differs between
//                    of the bytecode  ->     LdaX  CreateObjectLiteral            releases and is learned
//
// The first length is that of the function's entry. They are stored as LEB128. There must be just as many lengths as
// instructions, and one more: that is how a guess is checked, each time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytecode_lines.h"
#include "bytecode_sizes.h"
#include "code_map.h"

namespace heapproof {

class BaselineLines {
 public:
  // The table of the code at `code`; empty when there is none. The code must be alive.
  LineTable Read(uintptr_t code, size_t size, const BytecodeSizes& sizes, const BytecodeLines& arrays, const CodeMap& map);

 private:
  struct Layout {
    size_t object_word = 0;    // how many words before the code the pointer to its object stands; 0: not learned
    size_t bytecode_word = 0;  // where in the object the pointers stand
    size_t lengths_word = 0;
    size_t header = 0;         // from the start of a bytecode array to its first instruction
  };

  bool Learn(uintptr_t code, size_t size, const BytecodeSizes& sizes, const BytecodeLines& arrays, const CodeMap& map);
  LineTable ReadAs(const Layout& layout, uintptr_t object, size_t size, const BytecodeSizes& sizes,
                   const BytecodeLines& arrays, const CodeMap& map) const;

  Layout layout_;
};

}  // namespace heapproof
