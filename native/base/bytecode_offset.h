// Which bytecode is the interpreter really at?
//
// A frame of V8's interpreter keeps the offset of its bytecode in memory only where it calls out; while an instruction
// allocates on its fast path, the frame still holds the offset of an earlier call, often that of the function's first
// line. The true offset is then in the handler of the instruction: it needs it again after the allocation, so it has
// saved it in its own stack frame.
//
//     our hook ◄─ ... C++ ... ◄─ CEntry ◄─ [builtin] ◄─ handler of CreateObjectLiteral ◄─ interpreter frame
//                                            return address│        │ saved: 74 = offset of the instruction
//                                            names the handler      └─ V8 called it from InterpreterEntryTrampoline
//
// So: follow the frame pointers up to the frame that returns into the trampoline; the one below tells which handler it is;
// among the words of the handler's frame, the offset is one at which the bytecode has just this handler's opcode.
// Opcodes differ between releases; V8 lists its handlers in the order of the opcodes. Where anything does not fit
// (no frame pointers, another frame layout), the offset of the frame stands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace heapproof {

class BytecodeOffset {
 public:
  // To be called for every piece of V8's own code, in the order in which V8 lists it.
  void NoteBuiltin(std::string_view name, uintptr_t start, size_t size);

  // The address of the bytecode that runs, for the innermost interpreter frame above `frame_pointer`, given the address
  // that its frame shows and the range of its function's bytecode. `shown` itself when there is nothing better.
  uintptr_t Correct(const void* frame_pointer, uintptr_t shown, uintptr_t start, size_t size) const;

 private:
  struct Builtin {
    uintptr_t end;
    int opcode;  // of a handler; kTrampoline for the caller of all handlers
  };
  static constexpr int kTrampoline = -1;
  static constexpr int kOther = -2;

  int KindAt(uintptr_t address) const;
  static uintptr_t Saved(const uintptr_t* from, const uintptr_t* to, uintptr_t array, uintptr_t start, size_t size,
                         int opcode, uintptr_t shown);

  std::map<uintptr_t, Builtin> builtins_;
  std::map<std::string, int, std::less<>> opcodes_;
};

}  // namespace heapproof
