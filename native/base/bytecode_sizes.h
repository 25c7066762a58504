// How long each instruction of V8's bytecode is.
//
// V8 has a table of it, which differs between releases: three rows, for instructions with operands of normal, double and
// fourfold width, each with one byte for each opcode. It is no part of the interface, but of the symbols of an official
// build of Node, exported or (from Node 24 on) not. What was found is checked: from the first row to the second an
// instruction grows by the operands that can be widened, and by twice as much from the second to the third.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heapproof {

class BytecodeSizes {
 public:
  // Reads the symbols of the file that V8 is in: some milliseconds where it is not exported. False when there is no such
  // table: the file was stripped, or this is not Linux.
  bool Find(const void* function_of_v8);
  bool found() const { return rows_ != nullptr; }

  // The length of the instruction at `code`, with its prefix; 0 when it is none, or longer than `left`.
  size_t At(const uint8_t* code, size_t left) const;

 private:
  bool Accept(const uint8_t* rows, size_t size);

  const uint8_t* rows_ = nullptr;
  size_t opcodes_ = 0;
};

}  // namespace heapproof
