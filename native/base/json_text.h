// Values as they stand in the JSON of a header.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace heapproof {

// Without control characters: the texts are our own sentences.
inline std::string JsonText(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (static_cast<unsigned char>(c) >= ' ') json += c;
  }
  return json + '"';
}

// To a microsecond: JSON's numbers are doubles, which hold no more since 1970.
inline std::string MillisecondsText(uint64_t nanoseconds) {
  const std::string fraction = std::to_string(nanoseconds / 1000 % 1000);
  return std::to_string(nanoseconds / 1'000'000) + '.' + std::string(3 - fraction.size(), '0') + fraction;
}

}  // namespace heapproof
