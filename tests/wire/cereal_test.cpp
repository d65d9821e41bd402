// Types that describe themselves to an archive, as cereal has them.
#include <gtest/gtest.h>

#include <acre/wire/cereal.hpp>

namespace {

template <class T>
struct NameValuePair {  // the shape of cereal's
  const char* name;
  T value;
};

class Account {
 public:
  Account() = default;
  Account(std::string owner, int balance) : owner_(std::move(owner)), balance_(balance) {}
  template <class Archive>
  void serialize(Archive& archive) {
    archive(owner_, NameValuePair<int&>{"balance", balance_});
    archive& history_;
  }
  friend bool operator==(const Account&, const Account&) = default;

 private:
  std::string owner_;
  int balance_ = 0;
  std::vector<double> history_ = {1, 2};
};

TEST(Cereal, RoundTripsAloneAndInside) {
  const Account account("me", 7);
  EXPECT_EQ(acre::wire::from_bytes<Account>(acre::wire::to_bytes(account)), account);
  const std::map<int, std::vector<Account>> accounts{{1, {account, {}}}, {2, {}}};
  EXPECT_EQ((acre::wire::from_bytes<std::map<int, std::vector<Account>>>(acre::wire::to_bytes(accounts))),
            accounts);
}

TEST(Cereal, EncodesWhatTheArchiveIsGiven) {
  EXPECT_EQ(acre::wire::to_bytes(Account("me", 7)),
            acre::wire::to_bytes(std::tuple(std::string("me"), 7, std::vector<double>{1, 2})));
}

}  // namespace
