template <typename T>
GRID_API T fetch(T key) noexcept(noexcept(hash(key)))
{
    return key;
}

class Serializer {
public:
    template <typename Value, typename Default = Value>
    static auto read(Value &&value, Default &target) noexcept(
        noexcept(convert(forward<Value>(value), target)))
    -> decltype(convert(forward<Value>(value), target), void())
    {
        convert(forward<Value>(value), target);
    }

    GRID_API inline status_t open(int mode) const __attribute__((cold)) { return mode; }
};

template <typename UC>
inline GRID_CONSTEXPR bool
same_text(UC const *left, UC const *right, size_t length) {
    return left == right;
}
