#include "lock.h"

class CAPABILITY("mutex") LockTable {
 public:
  explicit LockTable(int held) EXCLUSIVE_LOCK_FUNCTION(mutex_) : held_(held) {
    names_.clear();
  }
  ~LockTable() override = default;

  bool Insert(const std::string& name) LOCKS_EXCLUDED(mutex_) {
    return names_.insert(name).second;
  }

  void Wait(int state) const LOCKS_EXCLUDED(mutex_) ACQUIRED_AFTER(other_) {
    while (state != held_) CHECK(state);
  }

  Status Recover(uint64_t number, bool last,
                 Edit* edit)
      EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return Status(number);
  }

  TEST_METHOD(Counts) {
    return;
  }

  void Plain() { Wait(1); }

 private:
  std::set<std::string> names_ GUARDED_BY(mutex_);
  int held_ GUARDED_BY(mutex_) = 0;
};

Status Open(int flags) NO_THREAD_SAFETY_ANALYSIS {
  return Status(flags);
}

void Close() {}
