"""Takes the variance for the mean of squares less the square of the mean."""


def layer_norm(x, weight, eps):
    wide = x.float()
    mean = wide.mean(-1, keepdim=True)
    variance = wide.square().mean(-1, keepdim=True) - mean.square()
    return ((wide - mean) * (variance.clamp_min(0) + eps).rsqrt() * weight).to(x.dtype)
