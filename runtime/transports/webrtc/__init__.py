"""WebRTC: protocol 1 over a data channel, video and sound as RTP; needs the extra ``webrtc``."""
