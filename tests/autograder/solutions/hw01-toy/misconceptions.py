"""Wrong answers to the toy homework."""


class double:
    def squares(x):
        """You squared x: that is twice x only at 0 and 2."""
        return x**2

    def halves(x):
        """You divided where you should multiply."""
        return x / 2


class add:
    def subtracts(x, y):
        """The second number was taken away."""
        return x - y

    def doubles(x, y):
        """Only the first number was used."""
        return x + x


class negate:
    def forgets_the_sign(x):
        """The sign is unchanged."""
        return x

    def inverts(x):
        """You took the reciprocal: 1/x, not -x."""
        return 1 / x


class larger:
    def takes_the_first(x, y):
        """The second number was never looked at."""
        return x

    def takes_the_second(x, y):
        """The first number was never looked at."""
        return y
