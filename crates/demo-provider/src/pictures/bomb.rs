//! A small, well-formed picture that decompresses to 400 million pixels: only a limit on pixels refuses it.

use flate2::{Compression, FlushCompress, Status};

/// Pixels on each side.
pub const SIDE: u32 = 20_000;
const CHUNK: usize = 1 << 16;

/// A PNG of 20,000 by 20,000 black pixels, one bit each.
pub fn bomb() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(SIDE.to_be_bytes());
    header.extend(SIDE.to_be_bytes());
    header.extend([1, 0, 0, 0, 0]); // one bit of grey, no interlace
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &zeros(SIDE as usize * (1 + SIDE as usize / 8)));
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let start = png.len();
    png.extend(kind);
    png.extend(data);
    let sum = crc32fast::hash(&png[start..]);
    png.extend(sum.to_be_bytes());
}

/// A zlib stream of `count` zeros. Compressing 50 MB is slow without optimisation, so one
/// compressed block, which a full flush makes independent of what stands before, is repeated.
fn zeros(count: usize) -> Vec<u8> {
    let block = block(CHUNK);
    let mut stream = vec![0x78, 0x9c];
    for _ in 0..count / CHUNK {
        stream.extend(&block);
    }
    stream.extend(self::block(count % CHUNK));
    stream.extend([0x03, 0x00]); // an empty last block
    // Adler-32 of zeros: the first sum stays 1, the second counts the bytes.
    let second = u32::try_from(count % 65_521).unwrap_or_default();
    stream.extend((second << 16 | 1).to_be_bytes());
    stream
}

fn block(count: usize) -> Vec<u8> {
    let mut deflate = flate2::Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(4096);
    match deflate.compress_vec(&vec![0; count], &mut out, FlushCompress::Full) {
        Ok(Status::Ok | Status::BufError | Status::StreamEnd) | Err(_) => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_small_and_well_formed() {
        let png = bomb();
        assert!(png.len() < 200_000, "{}", png.len());
        let reader =
            image::ImageReader::new(std::io::Cursor::new(&png)).with_guessed_format().unwrap();
        assert_eq!(reader.into_dimensions().unwrap(), (SIDE, SIDE));
    }

    #[test]
    fn its_stream_is_what_an_ordinary_decoder_reads() {
        let mut reader = flate2::read::ZlibDecoder::new(std::io::Cursor::new(zeros(200_000)));
        let mut out = Vec::new();
        std::io::Read::read_to_end(&mut reader, &mut out).unwrap();
        assert!(out.len() == 200_000 && out.iter().all(|byte| *byte == 0));
    }
}
