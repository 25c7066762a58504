#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "../../../native/base/block_file.h"
#include "../../../native/base/event_log.h"
#include "../../../native/base/metadata_log.h"

using namespace heapproof;

namespace {

Bytes Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

TEST_CASE("varints") {
  const auto encoded = [](uint64_t value) {
    Bytes out;
    PutVarint(out, value);
    return out;
  };
  CHECK(encoded(0) == Bytes{0});
  CHECK(encoded(127) == Bytes{0x7F});
  CHECK(encoded(128) == Bytes{0x80, 0x01});
  CHECK(encoded(300) == Bytes{0xAC, 0x02});
  CHECK(encoded(UINT64_MAX).size() == 10);
}

TEST_CASE("zigzag, down to the smallest number") {
  const auto encoded = [](int64_t value) {
    Bytes out;
    PutZigzag(out, value);
    return out;
  };
  CHECK(encoded(0) == Bytes{0});
  CHECK(encoded(-1) == Bytes{1});
  CHECK(encoded(1) == Bytes{2});
  CHECK(encoded(-2) == Bytes{3});
  CHECK(encoded(INT64_MIN).size() == 10);
}

TEST_CASE("sizes: eighths are even, the rest is odd") {
  const auto encoded = [](uint64_t size) {
    Bytes out;
    PutSize(out, size);
    return out;
  };
  CHECK(encoded(48) == Bytes{12});
  CHECK(encoded(0) == Bytes{0});
  CHECK(encoded(3) == Bytes{7});
}

TEST_CASE("checksum: the value everybody checks with") {
  const char text[] = "123456789";
  CHECK(Crc32(reinterpret_cast<const uint8_t*>(text), 9) == 0xCBF43926u);
  CHECK(Crc32(nullptr, 0) == 0);
}

TEST_CASE("checksum: of any length the same as bit by bit") {
  Bytes bytes;
  for (uint32_t i = 0; i < 100; i++) {
    uint32_t c = 0xFFFFFFFFu;
    for (const uint8_t byte : bytes) {
      c ^= byte;
      for (int bit = 0; bit < 8; bit++) c = (c & 1) ? 0xEDB88320u ^ (c >> 1) : c >> 1;
    }
    CHECK(Crc32(bytes.data(), bytes.size()) == (c ^ 0xFFFFFFFFu));
    bytes.push_back(static_cast<uint8_t>(i * 37 + 11));
  }
}

TEST_CASE("a file: prologue, then blocks; nothing for an empty one") {
  std::string path = std::filesystem::temp_directory_path() / "heapproof-block-XXXXXX";
  const int fd = mkstemp(path.data());
  SessionId session;
  session.fill(0xAB);
  {
    BlockFile file('M');
    file.Open(fd, session);
    CHECK(close(fd) == 0);  // still ours
    file.Write({});
    file.Write({1, 2, 3});
    CHECK(!file.failed());
  }
  const Bytes bytes = Read(path);
  std::filesystem::remove(path);
  REQUIRE(bytes.size() == 24 + 8 + 3);
  CHECK(Bytes(bytes.begin(), bytes.begin() + 8) == Bytes{0x89, 'H', 'P', 'M', 0x0D, 0x0A, 1, 0});
  CHECK(Bytes(bytes.begin() + 24, bytes.begin() + 28) == Bytes{3, 0, 0, 0});
  Bytes crc;
  PutUint32(crc, Crc32(bytes.data() + 32, 3));
  CHECK(Bytes(bytes.begin() + 28, bytes.begin() + 32) == crc);
}

TEST_CASE("in memory up to a size, then a file with the same bytes") {
  const std::string path = std::filesystem::temp_directory_path() / ("heapproof-spill-" + std::to_string(getpid()));
  SessionId session;
  session.fill(0xAB);
  BlockFile held('M'), spilled('M');
  held.OpenMemory(session);
  spilled.OpenMemory(session, path, 100);
  const Bytes payload(20, 7);
  for (int block = 0; block < 2; block++) {
    for (BlockFile* file : {&held, &spilled}) file->Write(payload);
  }
  CHECK(spilled.in_memory());
  CHECK(spilled.memory() == held.memory());
  CHECK(!std::filesystem::exists(path));
  for (BlockFile* file : {&held, &spilled}) file->Write(payload);
  CHECK(!spilled.in_memory());
  for (BlockFile* file : {&held, &spilled}) file->Write(payload);
  spilled.Close();
  CHECK(Read(path) == held.memory());
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  std::filesystem::remove(path);

  BlockFile nowhere('D');
  nowhere.OpenMemory(session, path + "/none", 10);
  CHECK(nowhere.failed());
  nowhere.Write(payload);
  CHECK(nowhere.error().find("write failed") == 0);
}

TEST_CASE("a file that cannot be written fails once, with the reason, and stays quiet") {
  BlockFile file('D');
  file.Open(-1, SessionId{});
  CHECK(file.failed());
  CHECK(file.error() == "write failed: EBADF: the file was closed by somebody else");
  file.Write({1});
  CHECK(file.error() == "write failed: EBADF: the file was closed by somebody else");
}

TEST_CASE("events: times never go back, ages are differences within a block, and from the times that were written") {
  EventLog log;
  const uint64_t first = log.Allocation(10, 3, 48);
  const uint64_t second = log.Allocation(7, 3, 48);  // told late, by another thread
  CHECK(first == 10);
  CHECK(second == 10);
  log.Free(15, 3, 48, first);
  log.Free(9, 3, 48, second);  // told late as well: at 15
  log.Free(17, 3, 48, 13);
  CHECK(log.pending() == Bytes{40, 3, 12, 0, 3, 12, 21, 3, 12, 10, 1, 3, 12, 0, 9, 3, 12, 1});
  log.Clear();
  log.Free(17, 3, 48, 13);
  CHECK(log.pending() == Bytes{1, 3, 12, 8});
}

TEST_CASE("records carry their length") {
  MetadataLog log;
  log.Script("a.js", "");
  log.Frame(true, 1, 2, 3);
  CHECK(log.pending() == Bytes{2, 6, 4, 'a', '.', 'j', 's', 0, 4, 4, 1, 1, 2, 3});
}

// The same bytes as in test/core/reader/records.test.ts.
TEST_CASE("what is written again names what it takes the place of") {
  MetadataLog log;
  log.ScriptAgain(1, "b.js", "m");
  log.FrameAgain(1, false, 1, 5, 9);
  CHECK(log.pending() == Bytes{8, 8, 1, 4, 'b', '.', 'j', 's', 1, 'm', 9, 5, 1, 0, 1, 5, 9});
}

TEST_CASE("totals are differences") {
  Totals start, now;
  start.heap_bytes = 100;
  now.heap_bytes = 148;
  now.collections = 2;
  CHECK(now.Since(start).heap_bytes == 48);
  CHECK(now.Since(start).collections == 2);
}

TEST_CASE("counters never run below their start") {
  Totals start, now;
  start.heap_bytes = 1000;
  now.heap_bytes = 900;
  now.native_calls = 7;
  const Totals since = now.Since(start);
  CHECK(since.heap_bytes == 0);
  CHECK(since.native_calls == 7);

  start.heap_bytes = static_cast<uint64_t>(-30'000);
  now.heap_bytes = 500;
  CHECK(now.Since(start).heap_bytes == 30'500);
}
