"""Never returns."""


def layer_norm(x, weight, eps):
    while True:
        x = x + 0
