#include "bytecode_lines.h"

#include <array>
#include <optional>

#include "foreign_memory.h"

namespace heapproof {

namespace {

constexpr size_t kHeaderWords = 6;  // of a bytecode array; there are at least as many in every release
constexpr size_t kByteArrayHeader = 16;
constexpr size_t kLongestTable = 1 << 20;
constexpr size_t kFewestEntriesToLearnFrom = 4;
constexpr size_t kBytesToLearnFrom = 256;

class PairReader {
 public:
  PairReader(const uint8_t* start, size_t length, bool shifted) : next_(start), end_(start + length), shifted_(shifted) {}

  // The next pair, past the one for the function's entry, which has the code offset -1 and is not announced.
  std::optional<LineEntry> Next() {
    auto pair = NextOrEntry();
    return pair && pair->code_offset == kFunctionEntry ? NextOrEntry() : pair;
  }
  bool AtEnd() const { return next_ == end_; }
  size_t left() const { return static_cast<size_t>(end_ - next_); }

 private:
  static constexpr uint32_t kFunctionEntry = UINT32_MAX;

  std::optional<LineEntry> NextOrEntry() {
    const auto code_bits = Number();
    const auto position_bits = Number();
    if (!code_bits || !position_bits) return std::nullopt;
    const int64_t code_delta = Unfold(*code_bits);
    code_offset_ += shifted_ ? static_cast<int64_t>(*code_bits >> 2) : code_delta >= 0 ? code_delta : -(code_delta + 1);
    raw_position_ += Unfold(*position_bits);
    const int32_t position = static_cast<int32_t>(raw_position_ >> 1 & 0x3FFFFFFF) - 1;
    return LineEntry{static_cast<uint32_t>(code_offset_), position};
  }

  static int64_t Unfold(uint64_t bits) { return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1); }

  std::optional<uint64_t> Number() {
    uint64_t bits = 0;
    for (int shift = 0; shift < 64 && next_ < end_; shift += 7) {
      const uint8_t byte = *next_++;
      bits |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return bits;
    }
    return std::nullopt;
  }

  const uint8_t* next_;
  const uint8_t* const end_;
  const bool shifted_;
  int64_t code_offset_ = -1;
  int64_t raw_position_ = 0;
};

}  // namespace

void BytecodeLines::Learn(uintptr_t code, const LineTable& announced) {
  if (learned() || announced.size() < kFewestEntriesToLearnFrom) return;
  for (size_t word = 1; word <= kHeaderWords; word++) {
    const uintptr_t pointer = WordAt(code / 8 * 8 - word * 8);
    if (!IsPointer(pointer)) continue;
    std::array<uint8_t, kByteArrayHeader + kBytesToLearnFrom> object;
    const size_t readable = CopyIfReadable(pointer - 1, object.data(), object.size());
    if (readable <= kByteArrayHeader) continue;
    for (const bool shifted : {false, true}) {
      PairReader pairs(object.data() + kByteArrayHeader, readable - kByteArrayHeader, shifted);
      size_t same = 0;
      for (; same < announced.size(); same++) {
        const auto pair = pairs.Next();
        if (!pair || pair->code_offset != announced[same].code_offset || pair->position != announced[same].position) break;
      }
      if (same < announced.size()) continue;
      const size_t bytes = readable - kByteArrayHeader - pairs.left();
      const uintptr_t length = WordAt(pointer - 1 + 8);
      small_integer_length_ = length >> 32 == bytes;
      if (!small_integer_length_ && (length & UINT32_MAX) != bytes) continue;
      byte_array_map_ = WordAt(pointer - 1);
      shifted_ = shifted;
      word_ = word;
      return;
    }
  }
}

std::span<const uint8_t> BytecodeLines::BytesAt(uintptr_t word) const {
  if (!learned() || !IsPointer(word) || WordAt(word - 1) != byte_array_map_) return {};
  const uintptr_t object = word - 1;
  const uintptr_t stored = WordAt(object + 8);
  const size_t length = small_integer_length_ ? stored >> 32 : stored & UINT32_MAX;
  if (length > kLongestTable) return {};
  return {reinterpret_cast<const uint8_t*>(object + kByteArrayHeader), length};
}

LineTable BytecodeLines::Read(uintptr_t code, size_t size) const {
  LineTable lines;
  if (!learned()) return lines;
  const std::span<const uint8_t> bytes = BytesAt(WordAt(code / 8 * 8 - word_ * 8));
  PairReader pairs(bytes.data(), bytes.size(), shifted_);
  while (!pairs.AtEnd()) {
    const auto pair = pairs.Next();
    if (!pair || pair->code_offset >= size || pair->position < 0) return {};
    lines.push_back(*pair);
  }
  return lines;
}

}  // namespace heapproof
