#include <doctest/doctest.h>

#include <map>
#include <random>

#include "../../../native/base/address_filter.h"
#include "../../../native/base/address_map.h"

using namespace heapproof;

TEST_CASE("the address map is a map, whatever the order of changes") {
  std::mt19937_64 random(1);
  AddressMap<uint64_t> map;
  std::map<uintptr_t, uint64_t> model;
  for (int step = 0; step < 100'000; step++) {
    // Few addresses, at the distances of an allocator, so that runs form and holes are closed around the table's end.
    const uintptr_t key = 0x10000 + (random() % 700) * 48;
    const auto address = reinterpret_cast<const void*>(key);
    const auto expected = model.find(key);
    switch (random() % 5) {
      case 0:
      case 1: {
        const uint64_t value = random() % 1000;
        map.Insert(address, value);
        model[key] = value;
        break;
      }
      case 2:
      case 3: {
        const auto found = map.Remove(address);
        REQUIRE(found.has_value() == (expected != model.end()));
        if (found) {
          REQUIRE(*found == expected->second);
          model.erase(expected);
        }
        break;
      }
      default: {
        const uint64_t* found = map.Find(address);
        REQUIRE((found != nullptr) == (expected != model.end()));
        if (found) REQUIRE(*found == expected->second);
      }
    }
    REQUIRE(map.size() == model.size());
    if (step % 10'000 == 9'999) {
      map.Filter([](uintptr_t, uint64_t value) { return value % 2 == 0; });
      std::erase_if(model, [](const auto& entry) { return entry.second % 2 != 0; });
      REQUIRE(map.size() == model.size());
      for (const auto& [wanted, value] : model) {
        const uint64_t* found = map.FindIf([&](const void* at) { return at == reinterpret_cast<const void*>(wanted); });
        REQUIRE((found != nullptr && *found == value));
      }
      size_t asked = 0;
      REQUIRE(map.FindIf([&](const void*) { return ++asked > model.size(); }) == nullptr);
      REQUIRE(asked == model.size());
    }
  }
}

TEST_CASE("the filter never denies what is there") {
  AddressFilter filter;
  REQUIRE(filter.Open());
  std::mt19937_64 random(2);
  std::map<uintptr_t, int> model;
  for (int step = 0; step < 100'000; step++) {
    const uintptr_t key = 0x7f0000000000 + (random() % 5'000) * (uintptr_t{1} << 24) + random() % 64 * 16;
    const auto address = reinterpret_cast<const void*>(key);
    if (random() % 2 == 0) {
      filter.Add(address);
      model[key]++;
    } else if (model[key] > 0) {
      filter.Remove(address);
      model[key]--;
    }
    const auto& [known, count] = *model.begin();
    if (count > 0) REQUIRE(filter.MayHold(reinterpret_cast<const void*>(known)));
    if (model[key] > 0) REQUIRE(filter.MayHold(address));
  }
  for (const auto& [key, count] : model) {
    if (count > 0) CHECK_MESSAGE(filter.MayHold(reinterpret_cast<const void*>(key)), key);
  }
  filter.Clear();
  for (const auto& [key, count] : model) CHECK_MESSAGE(!filter.MayHold(reinterpret_cast<const void*>(key)), key);
}

TEST_CASE("the filter lets most others go, and forgets what was removed") {
  AddressFilter filter;
  REQUIRE(filter.Open());
  const auto block = [](size_t i) { return reinterpret_cast<const void*>(0x5550000000 + i * 48); };
  for (size_t i = 0; i < 1'000; i++) filter.Add(block(i * 100));
  size_t maybe = 0;
  for (size_t i = 0; i < 100'000; i++) maybe += filter.MayHold(block(i));
  CHECK(maybe == 1'000);
  for (size_t i = 0; i < 1'000; i++) filter.Remove(block(i * 100));
  for (size_t i = 0; i < 100'000; i++) REQUIRE(!filter.MayHold(block(i)));
}

TEST_CASE("a counter of the filter that is full stays so") {
  AddressFilter filter;
  REQUIRE(filter.Open());
  const auto block = reinterpret_cast<const void*>(0x1000);
  for (int i = 0; i < 300; i++) filter.Add(block);
  for (int i = 0; i < 299; i++) filter.Remove(block);
  CHECK(filter.MayHold(block));
}
