"""How the net of `restyle` is made: pictures, teachers of styles, training, measuring."""
