#include "baseline_lines.h"

#include <array>
#include <span>

#include "foreign_memory.h"

namespace heapproof {

namespace {

constexpr size_t kWordsBeforeCode = 4;  // where a pointer to the code's object can stand
constexpr size_t kObjectWords = 5;      // of it, that are looked at
constexpr size_t kLongestHeader = 128;  // of a bytecode array

// Appends an entry for each instruction that is at another place than the one before. Fails unless lengths and
// instructions are equally many.
bool Translate(std::span<const uint8_t> lengths, uintptr_t bytecode, size_t bytecode_size, const LineTable& places,
               size_t code_size, const BytecodeSizes& sizes, LineTable& lines) {
  const uint8_t* next = lengths.data();
  const uint8_t* const end = next + lengths.size();
  const auto length = [&](uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 35 && next < end; shift += 7) {
      const uint8_t byte = *next++;
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  };
  uint64_t at = 0, bytes = 0;
  if (!length(at)) return false;  // the function's entry
  auto place = places.begin();
  size_t offset = 0;
  while (offset < bytecode_size) {
    const size_t size = sizes.At(reinterpret_cast<const uint8_t*>(bytecode) + offset, bytecode_size - offset);
    if (size == 0 || !length(bytes)) return false;
    while (place != places.end() && place->code_offset <= offset) {
      const LineEntry entry = {static_cast<uint32_t>(at), place->position};
      if (!lines.empty() && lines.back().code_offset == entry.code_offset) lines.back() = entry;
      else lines.push_back(entry);
      ++place;
    }
    at += bytes;
    offset += size;
  }
  return next == end && at <= code_size;
}

}  // namespace

LineTable BaselineLines::Read(uintptr_t code, size_t size, const BytecodeSizes& sizes, const BytecodeLines& arrays,
                              const CodeMap& map) {
  if (!sizes.found() || !arrays.learned()) return {};
  if (layout_.object_word == 0 && !Learn(code, size, sizes, arrays, map)) return {};
  return ReadAs(layout_, WordAt(code - layout_.object_word * sizeof(uintptr_t)), size, sizes, arrays, map);
}

LineTable BaselineLines::ReadAs(const Layout& layout, uintptr_t object, size_t size, const BytecodeSizes& sizes,
                                const BytecodeLines& arrays, const CodeMap& map) const {
  LineTable lines;
  if (!IsPointer(object)) return lines;
  const uintptr_t array = WordAt(object - 1 + layout.bytecode_word * sizeof(uintptr_t));
  if (!IsPointer(array)) return lines;
  const uintptr_t bytecode = array - 1 + layout.header;
  const LineTable* places = map.LinesOfBytecode(bytecode);
  if (places == nullptr) return lines;
  const auto lengths = arrays.BytesAt(WordAt(object - 1 + layout.lengths_word * sizeof(uintptr_t)));
  if (!Translate(lengths, bytecode, map.BytecodeAt(bytecode).size, *places, size, sizes, lines)) lines.clear();
  return lines;
}

bool BaselineLines::Learn(uintptr_t code, size_t size, const BytecodeSizes& sizes, const BytecodeLines& arrays,
                          const CodeMap& map) {
  for (size_t word = 1; word <= kWordsBeforeCode; word++) {
    const uintptr_t pointer = WordAt(code - word * sizeof(uintptr_t));
    std::array<uintptr_t, kObjectWords> object;
    if (!IsPointer(pointer) || CopyIfReadable(pointer - 1, object.data(), sizeof object) != sizeof object) continue;
    for (size_t array = 1; array < kObjectWords; array++) {
      if (!IsPointer(object[array])) continue;
      // Right behind the header of a bytecode array starts something that V8 announced as bytecode.
      for (size_t header = sizeof(uintptr_t); header <= kLongestHeader; header++) {
        if (map.LinesOfBytecode(object[array] - 1 + header) == nullptr) continue;
        for (size_t lengths = 1; lengths < kObjectWords; lengths++) {
          uintptr_t first;
          if (lengths == array || !IsPointer(object[lengths]) ||
              CopyIfReadable(object[lengths] - 1, &first, sizeof first) != sizeof first) {
            continue;
          }
          const Layout guess = {word, array, lengths, header};
          if (ReadAs(guess, pointer, size, sizes, arrays, map).empty()) continue;
          layout_ = guess;
          return true;
        }
      }
    }
  }
  return false;
}

}  // namespace heapproof
