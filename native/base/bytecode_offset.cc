#include "bytecode_offset.h"

namespace heapproof {

namespace {

constexpr int kMostFrames = 64;
constexpr size_t kMostStackBytes = 64 << 10;
constexpr ptrdiff_t kMostHandlerWords = 64;
constexpr size_t kLargestHeader = 256;  // of a bytecode array: an offset counts from the array's tagged address
constexpr uintptr_t kLongestInstruction = 8;
// The bytecode array lies four words below the frame pointer of an interpreter frame, as a tagged pointer (+1).
constexpr int kBytecodeArraySlot = -4;

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

void BytecodeOffset::NoteBuiltin(std::string_view name, uintptr_t start, size_t size) {
  constexpr std::string_view kHandler = "BytecodeHandler:";
  int opcode = kOther;
  if (name == "Builtin:InterpreterEntryTrampoline") {
    opcode = kTrampoline;
  } else if (name.substr(0, kHandler.size()) == kHandler && EndsWith(name, "Handler")) {
    name.remove_prefix(kHandler.size());
    name.remove_suffix(7);
    // The wide forms of an instruction come later in the list, have handlers of their own, and the same opcode.
    for (const std::string_view width : {"ExtraWide", "Wide"}) {
      if (!EndsWith(name, width)) continue;
      if (opcodes_.count(name.substr(0, name.size() - width.size()))) name.remove_suffix(width.size());
      break;
    }
    opcode = opcodes_.try_emplace(std::string(name), static_cast<int>(opcodes_.size())).first->second;
  }
  if (opcode != kOther) builtins_[start] = {start + size, opcode};
}

int BytecodeOffset::KindAt(uintptr_t address) const {
  auto it = builtins_.upper_bound(address);
  if (it == builtins_.begin()) return kOther;
  --it;
  return address <= it->second.end ? it->second.opcode : kOther;
}

uintptr_t BytecodeOffset::Correct(const void* frame_pointer, uintptr_t shown, uintptr_t start, size_t size) const {
  const auto* frame = static_cast<const uintptr_t*>(frame_pointer);
  const auto bottom = reinterpret_cast<uintptr_t>(frame);
  const uintptr_t* below = nullptr;
  for (int i = 0; i < kMostFrames; i++) {
    if (KindAt(frame[1]) == kTrampoline) break;
    const uintptr_t next = frame[0];
    if (next <= reinterpret_cast<uintptr_t>(frame) || next - bottom > kMostStackBytes || next % 8 != 0) return shown;
    below = frame;
    frame = reinterpret_cast<const uintptr_t*>(next);
  }
  if (below == nullptr || KindAt(frame[1]) != kTrampoline) return shown;
  const int opcode = KindAt(below[1]);
  if (opcode < 0) return shown;  // a call of the instruction, not the instruction itself: then the frame is right

  const uintptr_t caller = frame[0];
  if (caller <= reinterpret_cast<uintptr_t>(frame) || caller - bottom > kMostStackBytes || caller % 8 != 0) return shown;
  const uintptr_t array = reinterpret_cast<const uintptr_t*>(caller)[kBytecodeArraySlot];
  if (array >= start || start - array > kLargestHeader || shown < start || shown >= start + size) return shown;

  return Saved(below + 2, frame, array, start, size, opcode, shown);
}

// The words between `from` and `to` are the handler's frame.
uintptr_t BytecodeOffset::Saved(const uintptr_t* from, const uintptr_t* to, uintptr_t array, uintptr_t start,
                                size_t size, int opcode, uintptr_t shown) {
  const auto opcode_at = [&](uintptr_t address) { return *reinterpret_cast<const uint8_t*>(address) == opcode; };
  uintptr_t behind = 0;
  bool ambiguous = false;
  if (to - from > kMostHandlerWords) from = to - kMostHandlerWords;
  for (const uintptr_t* word = to - 1; word >= from; word--) {
    const uintptr_t address = array + *word;
    if (*word > size + kLargestHeader || address < start || address > start + size) continue;
    if (address < start + size && opcode_at(address)) return address;
    // Some handlers have saved the offset of the next instruction instead.
    for (uintptr_t length = 2; length <= kLongestInstruction && address - length >= start; length++) {
      if (!opcode_at(address - length)) continue;
      ambiguous |= behind != 0 && behind != address - length;
      behind = address - length;
    }
  }
  return behind != 0 && !ambiguous ? behind : shown;
}

}  // namespace heapproof
