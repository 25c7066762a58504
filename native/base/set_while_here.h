// A flag that is true while a function runs, however it ends.
#pragma once

namespace heapproof {

class SetWhileHere {
 public:
  explicit SetWhileHere(bool& flag) : flag_(flag) { flag_ = true; }
  ~SetWhileHere() { flag_ = false; }
  SetWhileHere(const SetWhileHere&) = delete;
  SetWhileHere& operator=(const SetWhileHere&) = delete;

 private:
  bool& flag_;
};

}  // namespace heapproof
