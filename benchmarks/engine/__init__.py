"""The engine on a GPU: pictures of full-size architectures, beside the library they come from."""
