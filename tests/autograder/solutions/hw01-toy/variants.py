"""Other right answers to the toy homework."""


class double:
    def adds(x):
        """By addition."""
        return x + x


class add:
    def sums(x, y):
        """With the built-in sum."""
        return sum((x, y))


class negate:
    def multiplies(x):
        """By multiplication."""
        return -1 * x


class larger:
    def calls_max(x, y):
        """With the built-in max."""
        return max(x, y)
