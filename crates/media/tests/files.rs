//! Files that are sold: put in parts, replaced, removed, read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_contracts::media::{
    GetFileRequest, ListFilesRequest, MediaClient, PutFilePartRequest, PutFileRequest, ReadFilePartRequest,
    RemoveFileRequest, SoldFile,
};
use argosy_kernel::{Code, Ctx, FileId, Result, VariantId};
use argosy_media::MediaConfig;
use argosy_testkit::{Call, Mode, TestHost, contract_stories};

contract_stories! {
    a_file_is_read_as_it_was_put_also_if_a_part_came_twice,
    a_file_of_the_same_name_takes_the_place_of_the_other_and_keeps_its_id,
    who_reads_a_file_while_it_is_replaced_reads_one_of_the_two,
    a_file_is_listed_with_its_variant_until_it_is_removed,
    only_staff_put_files,
    wrong_files_name_the_field,
    a_variant_has_fifty_files_at_most,
}

struct Subject {
    _test: TestHost,
    media: MediaClient,
    staff: Ctx,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let local = argosy_media::start(&test.host, MediaConfig::default()).await.unwrap();
        let media = match mode.call {
            Call::Local => local,
            Call::Remote => MediaClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { _test: test, media, staff: Ctx::system("test") }
    }

    async fn part(&self, content: &[u8]) -> String {
        let request = PutFilePartRequest { content: content.to_vec() };
        self.media.put_file_part(&self.staff, request).await.unwrap().digest
    }

    async fn put(&self, variant: VariantId, name: &str, parts: &[String]) -> Result<SoldFile> {
        let request =
            PutFileRequest { variant_id: variant.to_string(), name: name.to_owned(), parts: parts.to_vec() };
        self.media.put_file(&self.staff, request).await
    }

    async fn read(&self, file: &SoldFile) -> Vec<u8> {
        let mut content = Vec::new();
        for digest in &file.parts {
            let request = ReadFilePartRequest { digest: digest.clone() };
            content.extend(self.media.read_file_part(&Ctx::guest(), request).await.unwrap().content);
        }
        content
    }

    async fn get(&self, id: &str) -> Result<SoldFile> {
        self.media.get_file(&Ctx::guest(), GetFileRequest { file_id: id.to_owned() }).await
    }

    async fn list(&self, variants: &[VariantId]) -> Vec<String> {
        let variant_ids = variants.iter().map(ToString::to_string).collect();
        let listed = self.media.list_files(&Ctx::guest(), ListFilesRequest { variant_ids }).await.unwrap();
        listed.files.into_iter().map(|file| file.name).collect()
    }
}

async fn a_file_is_read_as_it_was_put_also_if_a_part_came_twice(s: Subject) {
    let large = vec![7_u8; 4 * 1024 * 1024];
    let parts = [s.part(&large).await, s.part(b"the end").await, s.part(&large).await];
    assert_eq!(parts[0], parts[2], "a part is named by what is in it");
    let file = s.put(VariantId::new(), "record.bin", &parts).await.unwrap();
    assert_eq!(file.size_bytes, 2 * 4 * 1024 * 1024 + 7);
    let read = s.read(&s.get(&file.id).await.unwrap()).await;
    assert!(read == [large.as_slice(), b"the end", large.as_slice()].concat());
}

async fn a_file_of_the_same_name_takes_the_place_of_the_other_and_keeps_its_id(s: Subject) {
    let variant = VariantId::new();
    let first = s.put(variant, "guide.pdf", &[s.part(b"first").await]).await.unwrap();
    let again = s.put(variant, "guide.pdf", &[s.part(b"first").await]).await.unwrap();
    let second = s.put(variant, "guide.pdf", &[s.part(b"second").await]).await.unwrap();
    assert_eq!(first, again);
    assert_eq!((first.id.as_str(), second.size_bytes), (second.id.as_str(), 6));
    assert_eq!(s.read(&s.get(&first.id).await.unwrap()).await, b"second");
    let other = s.put(VariantId::new(), "guide.pdf", &second.parts).await.unwrap();
    assert_ne!(other.id, first.id, "of another variant it is another file");
}

async fn who_reads_a_file_while_it_is_replaced_reads_one_of_the_two(s: Subject) {
    let variant = VariantId::new();
    let begun = s.put(variant, "guide.pdf", &[s.part(b"one ").await, s.part(b"two").await]).await.unwrap();
    s.put(variant, "guide.pdf", &[s.part(b"other").await]).await.unwrap();
    assert_eq!(s.read(&begun).await, b"one two");
}

async fn a_file_is_listed_with_its_variant_until_it_is_removed(s: Subject) {
    let (album, single) = (VariantId::new(), VariantId::new());
    let part = [s.part(b"la").await];
    let song = s.put(album, "b.ogg", &part).await.unwrap();
    s.put(album, "a.ogg", &part).await.unwrap();
    s.put(single, "c.ogg", &part).await.unwrap();
    assert_eq!(s.list(&[album]).await, ["a.ogg", "b.ogg"]);
    assert_eq!(s.list(&[album, single]).await.len(), 3);
    let remove = async || {
        let request = RemoveFileRequest { file_id: song.id.clone() };
        s.media.remove_file(&s.staff, request).await.map(|_| ())
    };
    remove().await.unwrap();
    assert_eq!(remove().await.unwrap_err().reason(), "FILE_NOT_FOUND");
    assert_eq!(s.list(&[album]).await, ["a.ogg"]);
    assert_eq!(s.get(&song.id).await.unwrap_err().reason(), "FILE_NOT_FOUND");
}

async fn only_staff_put_files(s: Subject) {
    let guest = Ctx::guest();
    let part = PutFilePartRequest { content: b"x".to_vec() };
    let refused = s.media.put_file_part(&guest, part).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::PermissionDenied, "STAFF_ONLY"));
    let file = s.put(VariantId::new(), "a", &[s.part(b"x").await]).await.unwrap();
    let remove = RemoveFileRequest { file_id: file.id.clone() };
    assert_eq!(s.media.remove_file(&guest, remove).await.unwrap_err().reason(), "STAFF_ONLY");
    let put = PutFileRequest { variant_id: file.variant_id, name: file.name, parts: file.parts };
    assert_eq!(s.media.put_file(&guest, put).await.unwrap_err().reason(), "STAFF_ONLY");
}

async fn wrong_files_name_the_field(s: Subject) {
    for content in [Vec::new(), vec![0; 4 * 1024 * 1024 + 1]] {
        let refused = s.media.put_file_part(&s.staff, PutFilePartRequest { content }).await.unwrap_err();
        assert_eq!(refused.fields()[0].pointer, "/content");
    }
    let part = s.part(b"x").await;
    let pointer = async |name: &str, parts: &[String]| {
        let refused = s.put(VariantId::new(), name, parts).await.unwrap_err();
        refused.fields()[0].pointer.clone()
    };
    assert_eq!(pointer("../a", std::slice::from_ref(&part)).await, "/name");
    assert_eq!(pointer("a", &[]).await, "/parts");
    assert_eq!(pointer("a", &vec![part.clone(); 1_281]).await, "/parts");
    let unknown = s.put(VariantId::new(), "a", &[part, "0".repeat(64)]).await.unwrap_err();
    assert_eq!(unknown.reason(), "PART_MISSING");
    for digest in ["0".repeat(64), "../../secret".to_owned(), String::new()] {
        let refused = s.media.read_file_part(&s.staff, ReadFilePartRequest { digest }).await.unwrap_err();
        assert_eq!(refused.reason(), "PART_MISSING");
    }
    assert_eq!(s.get(&FileId::new().to_string()).await.unwrap_err().reason(), "FILE_NOT_FOUND");
}

async fn a_variant_has_fifty_files_at_most(s: Subject) {
    let (variant, part) = (VariantId::new(), [s.part(b"x").await]);
    for number in 0..50 {
        s.put(variant, &format!("{number}.txt"), &part).await.unwrap();
    }
    assert_eq!(s.put(variant, "one more.txt", &part).await.unwrap_err().reason(), "FILES_FULL");
    s.put(variant, "7.txt", &part).await.unwrap();
}
