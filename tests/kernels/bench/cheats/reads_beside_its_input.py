"""Takes rows to lie one after the other."""


def layer_norm(x, weight, eps):
    x = x.as_strided(x.shape, (x.shape[-1], 1), x.storage_offset())
    wide = x.float() - x.float().mean(-1, keepdim=True)
    return (wide * (wide.square().mean(-1, keepdim=True) + eps).rsqrt() * weight).to(x.dtype)
